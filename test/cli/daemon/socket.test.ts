import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { daemonSocket } from '../../../src/cli/daemon/socket.ts';
import { inTempFolder } from '../vouch.ts';

describe('the daemon that is asked', () => {
  it('is the one that is named, by --socket before VOUCH_SOCKET', () => {
    const environment = { VOUCH_SOCKET: '/b' };
    expect(daemonSocket({ named: '/a', environment, uid: 0 })).toBe('/a');
    expect(daemonSocket({ named: undefined, environment, uid: 0 })).toBe('/b');
  });

  it("is the user's own before the public one, and root's only for root", async () => {
    await inTempFolder(async (folder) => {
      const runFolder = join(folder, 'run');
      const runtime = join(folder, 'user');
      const find = (uid: number): string =>
        daemonSocket({ named: undefined, environment: { XDG_RUNTIME_DIR: runtime }, uid, runFolder });
      await mkdir(join(runFolder, 'u'), { recursive: true });
      await mkdir(join(runtime, 'vouch'), { recursive: true });
      expect(() => find(7)).toThrow(expect.objectContaining({ code: 'NO_DAEMON' }));
      await writeFile(join(runtime, 'vouch', 'admin.sock'), '');
      expect(find(7)).toBe(join(runtime, 'vouch', 'admin.sock'));
      await writeFile(join(runFolder, 'public.sock'), '');
      expect(find(7)).toBe(join(runFolder, 'public.sock'));
      await writeFile(join(runFolder, 'admin.sock'), '');
      expect(find(7)).toBe(join(runFolder, 'public.sock'));
      expect(find(0)).toBe(join(runFolder, 'admin.sock'));
      await writeFile(join(runFolder, 'u', '7.sock'), '');
      expect(find(7)).toBe(join(runFolder, 'u', '7.sock'));
    });
  });
});
