import { mkdir, realpath, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  decisionAnswer,
  DIGEST,
  FINGERPRINT,
  imageAnswer,
  refusedImage,
  withFakeDaemon,
} from './daemon/fake-daemon.ts';
import type { Answered, Asked } from './daemon/fake-daemon.ts';
import { inTempFolder, vouch } from './vouch.ts';
import type { Ended } from './vouch.ts';

interface Told extends Ended {
  readonly asked: readonly Asked[];
  readonly image: string;
  readonly text: string;
}

/** `vouch admit` of an image, with a daemon that answers so. */
async function admit(
  answer: (asked: Asked) => Answered,
  words: readonly string[] = [],
  names: readonly string[] = ['a.sif'],
): Promise<Told> {
  return withFakeDaemon(answer, async ({ socketPath, folder, asked }) => {
    const paths = names.map((name) => join(folder, name));
    for (const path of paths) await writeFile(path, 'x');
    const ended = await vouch(['admit', ...paths, '--socket', socketPath, ...words]);
    const image = join(await realpath(folder), names[0] ?? '');
    return { ...ended, asked: [...asked], image, text: ended.stdout.toString() };
  });
}

const decided = (image: object, changes: object = {}): (() => Answered) => {
  return () => ({ body: decisionAnswer([image], changes) });
};

describe('vouch admit', () => {
  it('asks by the real path, with the time to wait, and says who signed in the words of Singularity', async () => {
    const told = await admit(decided(imageAnswer('/srv/a.sif')));
    expect(told).toMatchObject({ code: 0, stderr: '' });
    expect(told.asked).toHaveLength(1);
    expect(told.asked[0]).toMatchObject({
      method: 'POST',
      path: '/v1/admit',
      body: { images: [{ path: told.image }], wait_ms: 30_000 },
    });
    expect(told.text).toBe(
      [
        'Admitted: /srv/a.sif',
        `  rule prod, binding identity, SHA-256 ${DIGEST}`,
        '[LOCAL+REMOTE]     Signing entity: alice',
        `[LOCAL+REMOTE]     Fingerprint: ${FINGERPRINT}`,
        '',
      ].join('\n'),
    );
  });

  it.each([
    ['RULE_REFUSES', 10],
    ['THRESHOLD_NOT_MET', 10],
    ['BINDING_TOO_WEAK', 10],
    ['UNSIGNED', 11],
    ['NOT_SIF', 11],
    ['KEY_REVOKED_HARD', 12],
    ['KEY_EXPIRED', 12],
  ])('tells the reason %s with what would help, and exits %i', async (reason, code) => {
    const told = await admit(decided(refusedImage('/srv/a.sif', reason)));
    expect(told).toMatchObject({ code, stderr: '' });
    expect(told.text).toContain('Refused: /srv/a.sif\n');
    expect(told.text).toContain(`  ${reason}: because of ${reason}\n    fix: do something about it\n`);
  });

  it('exits 20 when it cannot be told', async () => {
    const image = refusedImage('/srv/a.sif', 'KEY_STALE', { verdict: 'undetermined' });
    const told = await admit(decided(image));
    expect(told.code).toBe(20);
    expect(told.text).toContain('Undetermined: /srv/a.sif\n');
  });

  it('warns of what only audit mode or a waiver admits, and exits 13 for it with --strict', async () => {
    const audit = refusedImage('/srv/a.sif', 'UNSIGNED', { effective: 'admit' });
    const waived = imageAnswer('/srv/a.sif', { waived: true });
    for (const [image, why] of [
      [audit, 'audit mode'],
      [waived, 'a waiver'],
    ] as const) {
      const lax = await admit(decided(image));
      expect(lax.code).toBe(0);
      expect(lax.stderr).toContain(`WARNING: /srv/a.sif is admitted only by ${why}`);
      expect((await admit(decided(image), ['--strict'])).code).toBe(13);
    }
    expect((await admit(decided(imageAnswer('/srv/a.sif')), ['--strict'])).code).toBe(0);
  });

  it('exits with the worst of several images', async () => {
    const worst = async (...images: object[]): Promise<number | null> => {
      const names = images.map((_, i) => `${i}.sif`);
      return (await admit(() => ({ body: decisionAnswer(images) }), [], names)).code;
    };
    const good = imageAnswer('/a');
    const bad = refusedImage('/b', 'UNSIGNED');
    const unknown = refusedImage('/c', 'KEY_STALE', { verdict: 'undetermined' });
    expect(await worst(good, good)).toBe(0);
    expect(await worst(good, bad)).toBe(11);
    expect(await worst(bad, unknown)).toBe(20);
  });

  it('exits 20 when the decision as a whole is refused although its image is not', async () => {
    const reasons = [{ code: 'LOG_UNAVAILABLE', action: 'enforce', text: 'the log is full' }];
    const told = await admit(
      decided(imageAnswer('/a'), { verdict: 'undetermined', effective: 'refuse', reasons }),
    );
    expect(told.code).toBe(20);
    expect(told.text).toContain('LOG_UNAVAILABLE: the log is full');
  });

  it('resolves links before it asks, and sends octets that are no UTF-8 as base64 (AD2, AD24)', async () => {
    await withFakeDaemon(decided(imageAnswer('/a')), async ({ socketPath, folder, asked }) => {
      const odd = Buffer.concat([Buffer.from(`${await realpath(folder)}/`), Buffer.from([0xff, 0x0a, 0x41])]);
      await mkdir(odd);
      await writeFile(Buffer.concat([odd, Buffer.from('/real.sif')]), 'x');
      await symlink(Buffer.concat([odd, Buffer.from('/real.sif')]), join(folder, 'link.sif'));
      expect((await vouch(['admit', join(folder, 'link.sif'), '--socket', socketPath])).code).toBe(0);
      const octets = Buffer.concat([odd, Buffer.from('/real.sif')]).toString('base64');
      expect(asked[0]?.body).toMatchObject({ images: [{ path_b64: octets }] });
    });
  });

  it('passes on what is asked for besides', async () => {
    const words = ['--wait', '2m', '--expect', DIGEST.toUpperCase(), '--min-binding', 'store'];
    const told = await admit(decided(imageAnswer('/a')), [
      ...words,
      '--context',
      'job=slurm:1',
      '--context',
      'a=b=c',
    ]);
    expect(told.code).toBe(0);
    expect(told.asked[0]?.body).toMatchObject({
      wait_ms: 120_000,
      expect: { sha256: DIGEST },
      min_binding: 'store',
      context: { job: 'slurm:1', a: 'b=c' },
    });
  });

  it('opens the image itself with --by-fd, and holds it open while it asks (AD3)', async () => {
    const seen: string[] = [];
    await withFakeDaemon(
      async ({ body }) => {
        const { images } = body as { images: { fd: { pid: number; fd: number } }[] };
        const { pid = 0, fd = 0 } = images[0]?.fd ?? {};
        seen.push(await realpath(`/proc/${pid}/fd/${fd}`));
        return { body: decisionAnswer([imageAnswer('/a')]) };
      },
      async ({ socketPath, folder }) => {
        const path = join(folder, 'a.sif');
        await writeFile(path, 'x');
        expect((await vouch(['admit', path, '--by-fd', '--socket', socketPath])).code).toBe(0);
        expect(seen).toEqual([await realpath(path)]);
      },
    );
  });

  it('answers in the JSON of the daemon, or not at all', async () => {
    const image = refusedImage('/srv/a.sif', 'UNSIGNED');
    const json = await admit(decided(image), ['--json']);
    expect(json.code).toBe(11);
    expect(JSON.parse(json.text)).toEqual(decisionAnswer([image]));
    const quiet = await admit(decided(image), ['--quiet']);
    expect(quiet).toMatchObject({ code: 11, text: '', stderr: '' });
  });

  it('does not let names and reasons move the cursor', async () => {
    const reasons = [{ code: 'UNSIGNED', action: 'enforce', text: 'a\u001b[2Jb', fix: 'c\nd' }];
    const told = await admit(decided(refusedImage('/srv/\u001b]0;x\u0007\n.sif', 'UNSIGNED', { reasons })));
    expect(told.text).not.toContain('\u001b');
    expect(told.text).not.toContain('\u0007');
    expect(told.text.split('\n').filter((line) => line === 'd')).toEqual([]);
  });
});

describe('vouch admit without an answer', () => {
  it.each([
    ['NOT_READY', 503, 'vouch status'],
    ['QUEUE_FULL', 429, 'ask again'],
  ])('says so for %s and exits 30', async (code, status, advice) => {
    const told = await admit(() => ({ status, body: { error: { code, message: 'not now' } } }));
    expect(told.code).toBe(30);
    expect(told.text).toBe('');
    expect(told.stderr).toContain('not now');
    expect(told.stderr).toContain(advice);
  });

  it.each([
    ['nothing of JSON', { body: 'hello' }],
    ['another status', { status: 204 }],
    ['no decision', { body: {} }],
    ['a decision about other images', { body: decisionAnswer([imageAnswer('/a'), imageAnswer('/b')]) }],
    ['an effect that is none', { body: decisionAnswer([imageAnswer('/a')], { effective: 'yes' }) }],
    ['an image without effect', { body: decisionAnswer([imageAnswer('/a', { effective: null })]) }],
    ['another version', { body: decisionAnswer([imageAnswer('/a')], { api: 2 }) }],
    ['a reason of another world', { body: decisionAnswer([refusedImage('/a', 'XYZZY')]) }],
  ])('takes %s for no answer: exits 30, never 0', async (_, answer) => {
    const told = await admit(() => answer);
    expect(told.code).toBe(30);
    expect(told.text).toBe('');
    expect(told.stderr).toMatch(/^vouch: .*\n$/);
  });

  it('names the socket that is not there, from --socket or VOUCH_SOCKET', async () => {
    await inTempFolder(async (folder) => {
      const image = join(folder, 'a.sif');
      await writeFile(image, 'x');
      const none = await vouch(['admit', image, '--socket', join(folder, 'none')]);
      expect(none.code).toBe(30);
      expect(none.stderr).toContain('vouch daemon');
      const environment = await vouch(['admit', image], { env: { VOUCH_SOCKET: join(folder, 'other') } });
      expect(environment.code).toBe(30);
      expect(environment.stderr).toContain(join(folder, 'other'));
    });
  });

  it('exits 77 for what this socket may not, and 69 for what is refused otherwise', async () => {
    const answer = (code: string, status: number) => () => ({
      status,
      body: { error: { code, message: 'no' } },
    });
    expect((await admit(answer('FORBIDDEN', 403))).code).toBe(77);
    expect((await admit(answer('TOO_LARGE', 413))).code).toBe(69);
    expect((await admit(answer('BAD_REQUEST', 400))).code).toBe(64);
  });
});

describe('words of vouch admit that say nothing', () => {
  it.each([
    [['--wait', 'soon'], '--wait'],
    [['--wait', '11m'], '--wait'],
    [['--expect', 'abc'], '--expect'],
    [['--min-binding', 'strong'], '--min-binding'],
    [['--context', 'job'], 'NAME=VALUE'],
    [['--context', 'a=1', '--context', 'a=2'], 'given twice'],
    [['--strcit'], 'did you mean --strict?'],
  ])('are refused before anybody is asked: %j', async (words, message) => {
    const told = await admit(decided(imageAnswer('/a')), words);
    expect(told.code).toBe(64);
    expect(told.stderr).toContain(message);
    expect(told.asked).toEqual([]);
  });

  it('are --expect for two images, no image, 33 images and an image that is not there', async () => {
    const two = await admit(decided(imageAnswer('/a')), ['--expect', DIGEST], ['a', 'b']);
    expect(two.code).toBe(64);
    expect((await vouch(['admit'])).code).toBe(64);
    const names = Array.from({ length: 33 }, (_, i) => `${i}`);
    expect((await admit(decided(imageAnswer('/a')), [], names)).code).toBe(64);
    expect((await vouch(['admit', '/nowhere/a.sif', '--socket', '/nowhere/s'])).code).toBe(66);
  });
});
