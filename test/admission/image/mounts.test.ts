import { closeSync, openSync, readFileSync } from 'node:fs';

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { fileSystemOf } from '../../../src/admission/image/file-system.ts';
import { Mounts, parseMounts } from '../../../src/admission/image/mounts.ts';
import type { Mount } from '../../../src/admission/image/mounts.ts';

const TABLE = [
  '22 27 0:21 / /proc rw,relatime - proc proc rw',
  '27 1 254:0 / / rw,relatime shared:1 master:2 - ext4 /dev/vda rw,discard',
  '40 27 7:1 / /srv/my\\040images ro,nosuid - squashfs /dev/sdb1 ro',
].join('\n');

describe('the table of mounts', () => {
  test('is read with and without optional fields', () => {
    expect([...parseMounts(TABLE)]).toEqual([
      [22, { type: 'proc', source: 'proc', point: '/proc', readOnly: false }],
      [27, { type: 'ext4', source: '/dev/vda', point: '/', readOnly: false }],
      [40, { type: 'squashfs', source: '/dev/sdb1', point: '/srv/my\\040images', readOnly: true }],
    ]);
  });

  test('of this machine has the mount of every open file', () => {
    const mounts = new Mounts({ now: () => 0 });
    for (const [path, type] of [
      ['/proc/self/status', 'proc'],
      ['/sys', 'sysfs'],
    ] as const) {
      const fd = openSync(path, 'r');
      expect(mounts.of(fd)).toMatchObject({ type });
      closeSync(fd);
    }
    expect(parseMounts(readFileSync('/proc/self/mountinfo', 'latin1')).size).toBeGreaterThan(0);
  });

  test('has the mount of what a number stands for now, whatever it stood for', () => {
    const mounts = new Mounts({ now: () => 0 });
    const numbers = new Set<number>();
    for (const [path, type] of [
      ['/proc/self/status', 'proc'],
      ['/sys', 'sysfs'],
      ['/proc/version', 'proc'],
    ] as const) {
      const fd = openSync(path, 'r');
      expect(mounts.of(fd)).toMatchObject({ type });
      numbers.add(fd);
      closeSync(fd);
    }
    expect(numbers.size).toBeLessThan(3);
  });

  test('is read again after a second, and for a mount that is not in it', () => {
    let now = 5000;
    let reads = 0;
    let table = new Map<number, Mount>();
    const mounts = new Mounts({ now: () => now, read: () => ((reads += 1), table) });
    const fd = openSync('/proc/version', 'r');
    expect(mounts.of(fd)).toBe('hidden');
    table = new Map(parseMounts(readFileSync('/proc/self/mountinfo', 'latin1')));
    expect(mounts.of(fd)).toMatchObject({ type: 'proc' });
    expect(mounts.of(fd)).toMatchObject({ type: 'proc' });
    expect(reads).toBe(2);
    now += 1001;
    mounts.of(fd);
    expect(reads).toBe(3);
    now -= 2000;
    mounts.of(fd);
    expect(reads).toBe(4);
    closeSync(fd);
  });

  test('any text is a table or none', () => {
    const word = fc.constantFrom('-', '27', 'ext4', '', '/', 'ro', ' ');
    fc.assert(
      fc.property(fc.array(fc.array(word, { maxLength: 12 })), (lines) => {
        expect(parseMounts(lines.map((words) => words.join(' ')).join('\n'))).toBeInstanceOf(Map);
      }),
    );
  });
});

describe('file systems', () => {
  const mount = (type: string, more: Partial<Mount> = {}): Mount => ({
    type,
    source: '/dev/sda1',
    point: '/srv',
    readOnly: false,
    ...more,
  });

  test.each(['ext4', 'xfs', 'btrfs'])('S7.7 %s tells of changes', (type) => {
    expect(fileSystemOf(mount(type))).toMatchObject({ tellsChange: true, owners: 'believed' });
  });

  test.each(['nfs', 'nfs4', 'lustre', 'cifs'])('S7.7 %s is believed for a minute at most', (type) => {
    const { tellsChange, maxAge, maxAgeOfRoot, owners } = fileSystemOf(mount(type));
    expect({ tellsChange, owners }).toEqual({ tellsChange: false, owners: 'none' });
    expect(Math.max(maxAge, maxAgeOfRoot)).toBeLessThanOrEqual(60_000);
  });

  test.each(['fuse', 'fuse.squashfuse', 'fuseblk', 'ntfs3', 'vfat', 'never-heard-of', 'constructor'])(
    'S7.7 of %s nothing is believed',
    (type) => {
      expect(fileSystemOf(mount(type))).toMatchObject({
        tellsChange: false,
        owners: 'none',
        maxAge: 0,
        maxAgeOfRoot: 0,
      });
    },
  );

  test('a sealed file system is what root mounted, when it is mounted for reading', () => {
    expect(fileSystemOf(mount('squashfs', { readOnly: true }))).toMatchObject({ owners: 'all' });
    expect(fileSystemOf(mount('squashfs'))).toMatchObject({ owners: 'none' });
  });

  test('media and loop devices may be anybody’s, whatever is on them', () => {
    for (const more of [{ source: '/dev/loop0' }, { point: '/media/usb' }, { point: '/run/media/alice/x' }]) {
      expect(fileSystemOf(mount('ext4', more))).toMatchObject({ owners: 'none', maxAge: 0, maxAgeOfRoot: 0 });
      expect(fileSystemOf(mount('squashfs', { readOnly: true, ...more }))).toMatchObject({ owners: 'none' });
    }
  });

  test('what the system does not tell is not believed', () => {
    expect(fileSystemOf(undefined)).toMatchObject({ owners: 'none', maxAge: 0 });
  });
});
