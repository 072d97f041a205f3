/* Attacks on the decision log: a disk without room, and an end at any moment. */
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFile, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeCertificate } from '../../fixtures/test-key.ts';
import { askUnix } from '../../http/ask-unix.ts';
import { AttackHost, IS_ROOT, until } from './attack-host.ts';

/** Whether this user may mount: in a container, root may not. */
const MAY_MOUNT =
  IS_ROOT && spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;
const HAS_PRLIMIT = spawnSync('prlimit', ['--version']).status === 0;

const alice = makeCertificate();
const signers = { alice: [alice.fingerprint] };

describe('the disk of the log', () => {
  it.skipIf(!MAY_MOUNT)(
    'AD25: when it is full the rule of the policy decides, and every change of that is told (needs the right to mount)',
    async () => {
      const host = await AttackHost.prepare();
      const folder = join(host.folder, 'log');
      await mkdir(folder, { mode: 0o700 });
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=128k,mode=0700', 'none', folder]);
      try {
        await host.setKeystores([], `[log]\nfolder = "${folder}"\nsync = "each"`);
        await host.begin();
        await host.trust({ alice });
        const path = await host.signed(alice.key);
        expect(await host.admit(path)).toMatchObject({ effective: 'admit' });
        // Not the last octet: what fills a disk in practice are decisions, too.
        await appendFile(join(folder, 'ballast'), Buffer.alloc(96 * 1024));
        const refused = await until(
          () => host.admit(path),
          ({ effective }) => effective === 'refuse',
        );
        expect(refused.codes).toContain('LOG_UNAVAILABLE');
        expect(refused.log_pos).toBeUndefined();
        expect((await host.gate(path)).status).toBe(503);
        expect(await host.get('/readyz')).toMatchObject({ ready: false });
        expect(await host.metric('vouch_log_errors_total')).toBeGreaterThan(0);
        // The policy may say that work goes on without a log.
        await host.writePolicy({ signers, defaults: 'on_log_failure = "admit"' });
        await host.post('/v1/policy/reload');
        const unlogged = await host.admit(path);
        expect(unlogged).toMatchObject({ effective: 'admit' });
        expect(unlogged.codes).toContain('LOG_UNAVAILABLE');
        execFileSync('rm', [join(folder, 'ballast')]);
        const again = await until(
          () => host.admit(path),
          ({ log_pos: position }) => position !== undefined,
        );
        expect(again).toMatchObject({ effective: 'admit', codes: [] });
        expect((await host.vouch('log', 'verify', '--config', host.config)).code).toBe(0);
      } finally {
        await host.end();
        execFileSync('umount', [folder]);
        await host.remove();
      }
    },
  );

  it.skipIf(!HAS_PRLIMIT)('AD25: the same when a file of the log may not grow (needs prlimit)', async () => {
    const limit = 64 * 1024;
    const prefix = (): string[] => ['prlimit', `--fsize=${limit}`, process.execPath];
    const host = await AttackHost.start({ prefix });
    try {
      await host.trust({ alice });
      const path = await host.signed(alice.key);
      expect(await host.admit(path)).toMatchObject({ effective: 'admit' });
      const refused = await until(
        () => host.admit(path),
        ({ effective }) => effective === 'refuse',
      );
      expect(refused.codes).toContain('LOG_UNAVAILABLE');
    } finally {
      await host.remove();
    }
  });
});

describe('the end of the daemon', () => {
  it('AD26: kill -9 while lines are written: what was answered is in the chain, which goes on', async () => {
    const host = await AttackHost.start({ settings: '[log]\nsync = "each"' });
    try {
      await host.trust({ alice });
      const path = await host.signed(alice.key);
      await host.admit(path);
      const logged = new Set<number>();
      for (let round = 0; round < 3; round += 1) {
        const body = { images: [{ path }] };
        const asked = Array.from({ length: 200 }, () =>
          askUnix(host.socket, { path: '/v1/admit', body }).catch(() => undefined),
        );
        await Promise.any(asked.slice(20));
        await host.end('SIGKILL');
        for (const answer of await Promise.all(asked)) {
          if (answer === undefined || answer.text === '') continue;
          const { log_pos: position } = complete(answer.text) ?? {};
          if (position !== undefined) logged.add(position);
        }
        // The line that a crash tore in two.
        if (round === 1)
          await appendFile(join(host.folder, 'state/log/decisions.jsonl'), '{"seq":99999,"prev":"0');
        await host.begin();
        const { code, stdout, stderr } = await host.vouch('log', 'verify', '--config', host.config);
        expect([code, stdout.toString(), stderr]).toEqual([0, expect.any(String), expect.any(String)]);
      }
      expect(await host.admit(path)).toMatchObject({ effective: 'admit' });
      const kept = new Set(await positions(join(host.folder, 'state/log')));
      expect([...logged].filter((position) => !kept.has(position))).toEqual([]);
      expect(logged.size).toBeGreaterThan(0);
    } finally {
      await host.remove();
    }
  });
});

describe('a state whose newest writes were damaged on the disk', () => {
  it('is told by a line of the log, once', async () => {
    const host = await AttackHost.start();
    try {
      await host.trust({ alice });
      await host.end();
      const db = join(host.folder, 'state/db');
      for (const name of (await readdir(db)).filter((one) => one.endsWith('.log'))) {
        const octets = await readFile(join(db, name));
        if (octets.length > 0) octets.writeUInt8((octets[20] ?? 0) ^ 1, 20);
        await writeFile(join(db, name), octets);
      }
      for (let start = 0; start < 2; start += 1) {
        await host.begin();
        await host.end();
      }
      const log = await readFile(join(host.folder, 'state/log/decisions.jsonl'), 'utf8');
      expect(log.match(/"state_damaged".*"lost_octets":[1-9]/g)).toHaveLength(1);
    } finally {
      await host.remove();
    }
  });
});

/** An answer that was cut off is none. */
function complete(text: string): { readonly log_pos?: number } | undefined {
  try {
    return JSON.parse(text) as { readonly log_pos?: number };
  } catch {
    return undefined;
  }
}

async function positions(folder: string): Promise<number[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.jsonl'));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return texts.flatMap((text) =>
    text
      .trimEnd()
      .split('\n')
      .flatMap((line) => (JSON.parse(line) as { seq?: number }).seq ?? []),
  );
}
