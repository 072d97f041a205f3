import { realpath, writeFile } from 'node:fs/promises';
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
import { vouch } from './vouch.ts';
import type { Ended } from './vouch.ts';

/** Words with FOLDER in them name files beside the socket: a.sif is there. */
async function ask(
  words: readonly string[],
  answer: Answered | ((asked: Asked) => Answered),
): Promise<Ended & { asked: readonly Asked[]; text: string; folder: string }> {
  const answers = typeof answer === 'function' ? answer : (): Answered => answer;
  return withFakeDaemon(answers, async ({ socketPath, folder: place, asked }) => {
    const folder = await realpath(place);
    await writeFile(join(folder, 'a.sif'), 'x');
    const given = words.map((word) => word.replace('FOLDER', folder));
    const ended = await vouch([...given, '--socket', socketPath]);
    return { ...ended, asked: [...asked], text: ended.stdout.toString(), folder };
  });
}

describe('vouch status', () => {
  const body = {
    ready: false,
    policy: { serial: 42, files: ['a', 'b'] },
    problems: ['no policy', 'log \u001b[2J'],
    empty: [],
    keystores: [
      { url: 'https://k', up: true },
      { url: 'https://l', up: null },
    ],
  };

  it('shows whatever the daemon says, and lets none of it move the cursor', async () => {
    const { code, text, asked } = await ask(['status'], { body });
    expect(code).toBe(0);
    expect(asked[0]).toMatchObject({ method: 'GET', path: '/v1/status' });
    expect(text).toBe(
      `ready:    no
policy:
  serial: 42
  files:  a, b
problems: no policy, log \uFFFD[2J
empty:    none
keystores:
  - url: https://k
    up:  yes
  - url: https://l
    up:  none
`,
    );
  });

  it('shows it as JSON, too', async () => {
    expect(JSON.parse((await ask(['status', '--json'], { body })).text)).toEqual(body);
  });

  it('exits 77 on a socket that does not offer it, with what to do', async () => {
    const forbidden = { error: { code: 'FORBIDDEN', message: 'not here' } };
    const { code, stderr } = await ask(['status'], { status: 403, body: forbidden });
    expect(code).toBe(77);
    expect(stderr).toContain('admin socket');
  });
});

describe('vouch reload', () => {
  it('says what is in force now', async () => {
    const { code, text, asked } = await ask(['reload'], { body: { serial: 43, previous: { serial: 42 } } });
    expect(code).toBe(0);
    expect(asked[0]).toMatchObject({ method: 'POST', path: '/v1/policy/reload', body: {} });
    expect(text).toBe('serial: 43\nprevious:\n  serial: 42\n');
    const back = await ask(['reload', '--allow-rollback'], { body: { serial: 41 } });
    expect(back.asked[0]?.body).toEqual({ allow_rollback: true });
  });

  it.each([
    ['BAD_VALUE', 65],
    ['CONFIG_UNTRUSTED', 78],
  ])('tells a policy that cannot be used: %s, exit %i', async (code, exit) => {
    const body = { error: { code, message: 'policy.toml:3: serial: too low' } };
    const told = await ask(['reload'], { status: 422, body });
    expect(told.code).toBe(exit);
    expect(told.stderr).toBe('vouch: policy.toml:3: serial: too low\n');
  });
});

describe('vouch refresh', () => {
  it('says what is new, for all keys or one', async () => {
    const body = { asked: 2, changed: [FINGERPRINT], failed: [] };
    const all = await ask(['refresh'], { body });
    expect(all).toMatchObject({
      code: 0,
      stderr: '',
      text: `2 keys asked for, 1 changed\nChanged: ${FINGERPRINT}\n`,
    });
    expect(all.asked[0]).toMatchObject({ method: 'POST', path: '/v1/keys/refresh', body: {} });
    const spelled = `0x${FINGERPRINT.toLowerCase()}`;
    const one = await ask(['refresh', spelled], { body });
    expect(one.asked[0]?.body).toEqual({ fingerprint: FINGERPRINT });
    expect((await ask(['refresh', 'abc'], { body })).code).toBe(64);
  });

  it('exits 69 when a keystore did not answer', async () => {
    const failed = [{ keystore: 'https://k', message: 'timeout' }];
    const told = await ask(['refresh'], { body: { asked: 1, changed: [], failed } });
    expect(told.code).toBe(69);
    expect(told.stderr).toBe('WARNING: https://k: timeout\n');
  });
});

describe('vouch affected', () => {
  const body = { images: [], more: false, running_complete: true };

  it('asks by fingerprint, by digest, or by the digest that the daemon knows of an image', async () => {
    const byKey = await ask(['affected', '--fingerprint', FINGERPRINT.toLowerCase()], { body });
    expect(byKey.asked[0]?.query.get('fingerprint')).toBe(FINGERPRINT);
    const byDigest = await ask(['affected', '--sha256', `sha256:${DIGEST}`], { body });
    expect(byDigest.asked[0]?.query.get('sha256')).toBe(DIGEST);
    const byImage = await ask(['affected', 'FOLDER/a.sif'], ({ path }) => ({
      body: path === '/v1/explain' ? decisionAnswer([refusedImage('/a', 'NO_RULE')]) : body,
    }));
    expect(byImage).toMatchObject({
      code: 0,
      text: 'Nothing was admitted here because of it.\n',
    });
    expect(byImage.asked.map(({ path }) => path)).toEqual(['/v1/explain', '/v1/affected']);
    expect(byImage.asked[1]?.query.get('sha256')).toBe(DIGEST);
  });

  it('says of each image where it was, for whom, and what runs it now', async () => {
    const image = {
      sha256: DIGEST,
      paths: [{ path: '/srv/a.sif' }, { path: '/srv/\u001b[2Jb.sif' }],
      uids: [1000, 1001],
      signers: [FINGERPRINT],
      rule: 'prod',
      first_admitted: '2026-11-20T08:00:00.000Z',
      last_admitted: '2026-11-22T09:00:00.000Z',
      times: 3,
      running: [
        { kind: 'loop', device: 'loop3', path: '/srv/a.sif' },
        { kind: 'process', pid: 4123, uid: 1000, command: 'sleep\n', path: '/srv/a.sif' },
      ],
    };
    const once = { ...image, uids: [0], times: 1, running: [], paths: [], signers: [], rule: undefined };
    const all = { images: [image, once], more: true, running_complete: false };
    const { code, text } = await ask(['affected', '--sha256', DIGEST], { body: all });
    expect(code).toBe(0);
    expect(text).toBe(`2 images admitted, 2 uses running now.

SHA-256 ${DIGEST}
  admitted 3 times by rule prod, from 2026-11-20T08:00:00.000Z to 2026-11-22T09:00:00.000Z
  for users 1000, 1001
  signed by ${FINGERPRINT}
  at /srv/a.sif
  at /srv/\uFFFD[2Jb.sif
  running: /srv/a.sif, mounted by /dev/loop3
  running: /srv/a.sif, open in process 4123 (sleep\uFFFD, user 1000)

SHA-256 ${DIGEST}
  admitted 1 time, at 2026-11-22T09:00:00.000Z
  for user 0

There are more images than are told at once.

More may be running: some processes may not be looked into by the daemon.
`);
    const json = await ask(['affected', '--sha256', DIGEST, '--json'], { body: all });
    expect(JSON.parse(json.text)).toMatchObject({ more: true });
  });

  it('wants exactly one of them, and says when the daemon cannot read the image', async () => {
    expect((await ask(['affected'], { body })).code).toBe(64);
    expect((await ask(['affected', 'a', '--sha256', DIGEST], { body })).code).toBe(64);
    const unread = imageAnswer('/a', {
      verdict: 'undetermined',
      effective: 'refuse',
      sha256: null,
      reasons: [{ code: 'NO_PERMISSION', action: 'enforce', text: 'may not be read' }],
    });
    const told = await ask(['affected', 'FOLDER/a.sif'], { body: decisionAnswer([unread]) });
    expect(told.code).toBe(77);
    expect(told.stderr).toContain('may not be read');
  });
});

describe('vouch promote', () => {
  const decision = decisionAnswer([imageAnswer('/a')]);
  const body = { path: '/store/ab/x.sif', sha256: DIGEST, method: 'reflink', decision };

  it('says where the copy is; alone on its line with --print', async () => {
    const told = await ask(['promote', 'FOLDER/a.sif'], { body });
    expect(told).toMatchObject({ code: 0, text: 'Promoted: /store/ab/x.sif (reflink)\n' });
    expect(told.asked[0]).toMatchObject({
      path: '/v1/promote',
      body: { path: join(told.folder, 'a.sif') },
    });
    expect((await ask(['promote', 'FOLDER/a.sif', '--print'], { body })).text).toBe('/store/ab/x.sif\n');
  });

  it('exits as admit does for an image that is not admitted, with nothing on stdout to run', async () => {
    const refused = { decision: decisionAnswer([refusedImage('/a', 'UNSIGNED')]) };
    const told = await ask(['promote', 'FOLDER/a.sif', '--print'], { body: refused });
    expect(told).toMatchObject({ code: 11, text: '' });
    expect(told.stderr).toContain('UNSIGNED');
  });

  it('exits 77 when the copy cannot be made', async () => {
    const error = { code: 'PROMOTE_FAILED', message: 'the disk is full' };
    expect((await ask(['promote', 'FOLDER/a.sif'], { status: 422, body: { error } })).code).toBe(77);
  });
});

describe('vouch policy diff', () => {
  it('lists what would be decided otherwise', async () => {
    const change = {
      path: '/srv/a\u001b.sif',
      sha256: DIGEST,
      rule: 'new',
      before: { verdict: 'refuse', effective: 'admit', rule: 'old' },
      after: { verdict: 'refuse', effective: 'refuse' },
      reasons: [{ code: 'UNSIGNED' }, { code: 'UNSIGNED' }],
    };
    const told = await ask(['policy', 'diff', 'FOLDER/a.sif'], {
      body: { considered: 3, changed: [change] },
    });
    expect(told.code).toBe(0);
    expect(told.asked[0]).toMatchObject({ path: '/v1/policy/diff', body: { policy: 'x' } });
    expect(told.text).toBe(
      '/srv/a\uFFFD.sif: admit although refuse by rule old -> refuse by no rule (UNSIGNED)\n' +
        '1 of 3 images would be decided otherwise\n',
    );
  });
});
