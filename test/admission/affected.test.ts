import { mkdir, open as openFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { affected } from '../../src/admission/affected.ts';
import { memoryDb } from '../../src/admission/memory-db.ts';
import { runningUses } from '../../src/admission/running-uses.ts';
import type { RunningUse } from '../../src/admission/running-uses.ts';
import { openUses } from '../../src/admission/uses.ts';
import { ALICE, decided, DIGEST, image, withLogFolder } from './log/logs.ts';

const BOB = 'B0B'.padEnd(40, '0');
const OTHER = 'ef'.repeat(32);

function signedBy(fingerprint: string): ReturnType<typeof image>['signers'] {
  return image().signers.map((signer) => ({ ...signer, fingerprint }));
}

describe('affected', () => {
  it('lists what was admitted with a key: digests, paths, users, when, and how often', async () => {
    await withLogFolder(async ({ open, folder }) => {
      const log = await open();
      const uses = await openUses(memoryDb(), folder);
      await log.append(decided({ time: '2026-11-22T12:00:00.000Z' }));
      const moved = image({ path: '/srv/moved.sif', rule: 'other' });
      const caller = { uid: 1001, attested: 'socket' } as const;
      await log.append(decided({ time: '2026-11-22T12:05:00.000Z', images: [moved], caller }));
      await log.append(decided({ images: [image({ sha256: OTHER, signers: signedBy(BOB) })] }));
      const refused = { verdict: 'refuse', effective: 'refuse' } as const;
      await log.append(decided({ ...refused, images: [image({ ...refused, sha256: '00'.repeat(32) })] }));
      const answer = {
        images: [
          {
            sha256: DIGEST,
            paths: [{ path: '/srv/containers/app.sif' }, { path: '/srv/moved.sif' }],
            uids: [1000, 1001],
            signers: [ALICE],
            rule: 'other',
            first_admitted: '2026-11-22T12:00:00.000Z',
            last_admitted: '2026-11-22T12:05:00.000Z',
            times: 2,
            running: [],
          },
        ],
        more: false,
        running_complete: true,
      };
      const root = { root: join(folder, 'nowhere') };
      expect(await affected(uses, { fingerprint: ALICE }, root)).toEqual(answer);
      expect(await affected(uses, { sha256: `sha256:${DIGEST}` }, root)).toEqual(answer);
      expect(await affected(uses, { fingerprint: BOB.toLowerCase() }, root)).toMatchObject({
        images: [{ sha256: OTHER }],
      });
      expect(await affected(uses, { sha256: '00'.repeat(32) }, root)).toMatchObject({ images: [] });
    });
  });

  it('counts every line once, also after a crash between rows and position', async () => {
    await withLogFolder(async ({ open, folder }) => {
      const log = await open({ rotateOctets: 2000 });
      const db = memoryDb();
      for (let i = 0; i < 5; i += 1) await log.append(decided());
      expect(await (await openUses(db, folder)).catchUp()).toBe(5);
      await db.table('uses-position').delete('position');
      const uses = await openUses(db, folder);
      expect(await uses.catchUp()).toBe(5);
      await log.append(decided());
      expect(await uses.catchUp()).toBe(1);
      expect(await uses.catchUp()).toBe(0);
      expect(await uses.get(DIGEST)).toMatchObject({ count: 6 });
      const again = await openUses(db, folder);
      await log.append(decided());
      expect(await again.catchUp()).toBe(1);
      expect(await again.get(DIGEST)).toMatchObject({ count: 7 });
    });
  });

  it('goes on with a log that was begun anew, and keeps what it knew', async () => {
    await withLogFolder(async (given) => {
      const db = memoryDb();
      const first = await given.open();
      for (let i = 0; i < 3; i += 1) await first.append(decided());
      await (await openUses(db, given.folder)).catchUp();
      await first.close();
      await rm(join(given.folder, 'decisions.jsonl'));
      const second = await given.open();
      await second.append(decided());
      const uses = await openUses(db, given.folder);
      expect(await uses.catchUp()).toBe(1);
      expect(await uses.get(DIGEST)).toMatchObject({ count: 4 });
    });
  });

  it('remembers the newest hundred paths of an image', async () => {
    await withLogFolder(async ({ open, folder }) => {
      const log = await open();
      await Promise.all(
        Array.from({ length: 130 }, (_, i) =>
          log.append(decided({ images: [image({ path: `/srv/${i}.sif` })] })),
        ),
      );
      const uses = await openUses(memoryDb(), folder);
      await uses.catchUp();
      const paths = (await uses.get(DIGEST))?.paths ?? [];
      expect(paths).toHaveLength(100);
      expect(paths.at(-1)).toEqual({ path: '/srv/129.sif' });
    });
  });

  it.each([{ fingerprint: 'ALICE' }, { fingerprint: `${ALICE}/` }, { sha256: 'ab' }])(
    'says BAD_REQUEST to %o',
    async (query) => {
      const uses = await openUses(memoryDb(), '/nonexistent/log');
      await expect(affected(uses, query)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    },
  );
});

describe('runningUses', () => {
  it('finds a process that has the image open, by its inode and after it was removed', async () => {
    await withLogFolder(async ({ folder }) => {
      const path = join(folder, 'image.sif');
      await writeFile(path, 'x');
      const handle = await openFile(path);
      try {
        const mine = async (wanted: string): Promise<RunningUse[]> =>
          (await runningUses([Buffer.from(wanted)])).uses.filter(
            (use) => use.kind === 'process' && use.pid === process.pid,
          );
        expect(await mine(path)).toMatchObject([{ uid: process.getuid?.(), path }]);
        const moved = join(folder, 'moved.sif');
        await rename(path, moved);
        expect(await mine(moved)).toHaveLength(1);
        expect(await mine(path)).toHaveLength(0);
        await rm(moved);
        expect(await mine(moved)).toHaveLength(1);
      } finally {
        await handle.close();
      }
    });
  });

  it('finds loop devices and processes below another root, and says what it may not see', async () => {
    await withLogFolder(async ({ folder: root }) => {
      const path = join(root, 'image.sif');
      await writeFile(path, 'x');
      for (const [device, file] of [
        ['loop0', path],
        ['loop1', '/srv/gone.sif (deleted)'],
        ['loop2', '/srv/other.sif'],
        ['sda', path],
      ] as const) {
        await mkdir(join(root, 'sys/block', device, 'loop'), { recursive: true });
        await writeFile(join(root, 'sys/block', device, 'loop/backing_file'), `${file}\n`);
      }
      await mkdir(join(root, 'sys/block/loop7'));
      for (const pid of ['41', '42', 'self']) {
        await mkdir(join(root, 'proc', pid, 'fd'), { recursive: true });
        await writeFile(join(root, 'proc', pid, 'comm'), 'squashfuse_ll\n');
      }
      await symlink(path, join(root, 'proc/41/fd/3'));
      await symlink(path, join(root, 'proc/41/fd/4'));
      await symlink('socket:[1]', join(root, 'proc/41/fd/5'));
      await symlink('/srv/gone.sif (deleted)', join(root, 'proc/42/fd/0'));
      const { uid } = { uid: process.getuid?.() };
      const paths = [path, '/srv/gone.sif', '/srv/never.sif'].map((one) => Buffer.from(one));
      const { uses, complete } = await runningUses(paths, root);
      expect(complete).toBe(true);
      expect(uses.toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)))).toEqual([
        { kind: 'loop', device: 'loop0', path },
        { kind: 'loop', device: 'loop1', path: '/srv/gone.sif' },
        { kind: 'process', pid: 41, uid, command: 'squashfuse_ll', path },
        { kind: 'process', pid: 42, uid, command: 'squashfuse_ll', path: '/srv/gone.sif' },
      ]);
      await rm(join(root, 'proc/42/fd'), { recursive: true });
      await writeFile(join(root, 'proc/42/fd'), '');
      expect(await runningUses(paths, root)).toMatchObject({ complete: false });
    });
  });
});
