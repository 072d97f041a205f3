import { execFileSync } from 'node:child_process';
import { mkdir, readdir, realpath, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withFakeDaemon } from '../cli/daemon/fake-daemon.ts';
import type { Answered, Asked } from '../cli/daemon/fake-daemon.ts';
import { inTempFolder } from '../cli/vouch.ts';
import { door, HOSTILE_NAMES, isInstalled, runDoor, SHELLS } from './door.ts';
import type { DoorEnded } from './door.ts';

const ADMITTED: Answered = { status: 204, headers: { 'Vouch-Path': '/x' } };

interface Gated extends DoorEnded {
  readonly asked: readonly Asked[];
  readonly image: string;
}

async function gate(
  answer: Answered,
  words: readonly string[] = [],
  shell: readonly string[] = ['sh'],
): Promise<Gated> {
  return withFakeDaemon(
    () => answer,
    async ({ socketPath, folder, asked }) => {
      const image = join(await realpath(folder), 'a.sif');
      await writeFile(image, 'x');
      const env = { VOUCH_SOCKET: socketPath };
      const ended = await runDoor([...shell, door('vouch-gate'), ...words, image], { env });
      return { ...ended, asked: [...asked], image };
    },
  );
}

for (const [name, shell] of SHELLS) {
  const has = isInstalled(shell[0] ?? '');
  describe.skipIf(!has)(`vouch-gate in ${name}${has ? '' : ' (which is not installed)'}`, () => {
    it('asks for the real path and says nothing when the image is admitted', async () => {
      const ended = await gate(ADMITTED, [], shell);
      expect(ended).toMatchObject({ code: 0, stdout: '', stderr: '' });
      expect(ended.asked).toHaveLength(1);
      expect(ended.asked[0]).toMatchObject({ method: 'GET', path: '/v1/gate' });
      expect(ended.asked[0]?.octets.toString()).toBe(ended.image);
      expect(ended.asked[0]?.query.get('wait_ms')).toBe('30000');
      expect(ended.asked[0]?.query.get('strict')).toBeNull();
    });

    it.each([
      [403, '10 NO_RULE nothing is said of /a', 10, 'NO_RULE nothing is said of /a'],
      [403, '11 UNSIGNED nobody signed', 11, 'UNSIGNED nobody signed'],
      [403, '12 KEY_REVOKED_HARD gone', 12, 'KEY_REVOKED_HARD gone'],
      [403, '13 UNSIGNED audit only', 13, 'UNSIGNED audit only'],
      [503, '20 KEY_STALE cannot be told', 20, 'KEY_STALE cannot be told'],
    ])('exits as a refusal says: %i %s', async (status, body, code, line) => {
      const ended = await gate({ status, body: `${body}\n` }, [], shell);
      expect(ended).toMatchObject({ code, stdout: `${line}\n`, stderr: '' });
    });

    it('asks for exactly the octets of a hostile name, and runs none of it', async () => {
      await withFakeDaemon(
        () => ADMITTED,
        async ({ socketPath, folder, asked }) => {
          const inside = join(await realpath(folder), 'in');
          await mkdir(inside);
          const env = { VOUCH_SOCKET: socketPath };
          for (const hostile of HOSTILE_NAMES) {
            await writeFile(join(inside, hostile), 'x');
            const words = [door('vouch-gate'), '--', hostile];
            const ended = await runDoor([...shell, ...words], { env, cwd: inside });
            expect([hostile, ended.code, ended.stdout, ended.stderr]).toEqual([hostile, 0, '', '']);
            expect(asked.at(-1)?.octets.toString()).toBe(join(inside, hostile));
          }
          expect((await readdir(inside)).toSorted()).toEqual([...HOSTILE_NAMES].toSorted());
        },
      );
    });

    it('asks for octets that are no UTF-8', async () => {
      await withFakeDaemon(
        () => ADMITTED,
        async ({ socketPath, folder, asked }) => {
          const odd = Buffer.concat([Buffer.from(`${await realpath(folder)}/`), Buffer.from([0xff, 0xc3])]);
          await writeFile(odd, 'x');
          await symlink(odd, join(folder, 'link'));
          const words = [...shell, door('vouch-gate'), join(folder, 'link')];
          expect((await runDoor(words, { env: { VOUCH_SOCKET: socketPath } })).code).toBe(0);
          expect(asked[0]?.octets.equals(odd)).toBe(true);
        },
      );
    });
  });
}

describe('vouch-gate', () => {
  it('passes on --strict and --wait', async () => {
    const { asked } = await gate(ADMITTED, ['--strict', '--wait', '7']);
    expect(asked[0]?.query.get('strict')).toBe('1');
    expect(asked[0]?.query.get('wait_ms')).toBe('7000');
    expect((await gate(ADMITTED, ['--wait', '0'])).code).toBe(0);
  });

  it('shows the warning of an exception on stderr, and admits', async () => {
    const warning = { 'Vouch-Warning': 'only audit mode admits this: UNSIGNED' };
    const ended = await gate({ status: 204, headers: warning });
    expect(ended).toMatchObject({ code: 0, stdout: '' });
    expect(ended.stderr).toBe('vouch-gate: warning: only audit mode admits this: UNSIGNED\n');
  });

  it('says nothing with --quiet', async () => {
    const ended = await gate({ status: 403, body: '11 UNSIGNED nobody\n' }, ['--quiet']);
    expect(ended).toMatchObject({ code: 11, stdout: '', stderr: '' });
  });

  it.each([
    ['a full queue', { status: 429, body: { error: { code: 'QUEUE_FULL' } } }, 30],
    ['a service that is not ready', { status: 503, body: { error: { code: 'NOT_READY' } } }, 30],
    ['a page of another server', { status: 200, body: '<html>hello' }, 30],
    ['a redirect', { status: 302, headers: { Location: 'http://localhost/ok' } }, 30],
    ['a missing page', { status: 404, body: 'no' }, 30],
    ['an exit code that is none', { status: 403, body: '0 ADMITTED\n' }, 77],
    ['a forbidden question', { status: 403, body: { error: { code: 'FORBIDDEN' } } }, 77],
    ['a bad question', { status: 400, body: { error: { code: 'BAD_REQUEST' } } }, 64],
    ['a header that looks like a status', { status: 500, headers: { 'X-A': 'HTTP/1.1 204 OK' } }, 30],
  ] as const)('never admits for %s', async (_, answer, code) => {
    expect((await gate(answer)).code).toBe(code);
  });

  it('does not let a reason move the cursor', async () => {
    const ended = await gate({ status: 403, body: '10 NO_RULE \u001b[2J\u0007x\r\nsecond line\n' });
    expect(ended.stdout).toBe('NO_RULE [2Jx\n');
  });

  it('exits 30 when nobody answers, and says what to do', async () => {
    await inTempFolder(async (folder) => {
      const image = join(folder, 'a');
      await writeFile(image, 'x');
      const env = { VOUCH_SOCKET: join(folder, 'none') };
      const ended = await runDoor([door('vouch-gate'), image], { env });
      expect(ended.code).toBe(30);
      expect(ended.stdout).toContain('vouch status');
    });
  });

  it('is not led astray by ~/.curlrc or a proxy of the environment', async () => {
    await withFakeDaemon(
      () => ({ status: 403, body: '10 NO_RULE no\n' }),
      async ({ socketPath, folder }) => {
        const image = join(folder, 'a');
        await writeFile(image, 'x');
        await writeFile(join(folder, '.curlrc'), 'output = "taken"\nproxy = http://127.0.0.1:1\n');
        const env = { VOUCH_SOCKET: socketPath, HOME: folder, http_proxy: 'http://127.0.0.1:1' };
        expect((await runDoor([door('vouch-gate'), image], { env })).code).toBe(10);
      },
    );
  });

  it('refuses words that it does not know, and images that are not there', async () => {
    const code = async (...words: string[]): Promise<number | null> =>
      (await runDoor([door('vouch-gate'), ...words], { env: { VOUCH_SOCKET: '/nowhere' } })).code;
    expect(await code()).toBe(64);
    expect(await code('')).toBe(64);
    expect(await code('a', 'b')).toBe(64);
    expect(await code('--xyzzy', 'a')).toBe(64);
    for (const wait of ['', 'x', '08', '601', '1e3', '-1']) expect(await code('--wait', wait, '/')).toBe(64);
    expect(await code('/nowhere/a.sif')).toBe(66);
  });
});

const hasCheck = isInstalled('shellcheck');
describe.skipIf(!hasCheck)(`the doors${hasCheck ? '' : ' (shellcheck is not installed)'}`, () => {
  it('please shellcheck', async () => {
    const names = (await readdir(door(''))).filter((name) => !name.endsWith('.mjs'));
    expect(names.length).toBeGreaterThan(3);
    expect(() => execFileSync('shellcheck', names.map(door))).not.toThrow();
  });
});
