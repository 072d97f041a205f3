import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  constants,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { openDescriptor } from '../../../src/admission/image/open-descriptor.ts';
import { O_PATH, openForReading } from '../../../src/admission/image/opened-image.ts';
import type { Reader } from '../../../src/admission/image/permission.ts';
import { IS_ROOT, temporaryFolder } from './image-files.ts';

const SERVICE: Reader = { kind: 'service' };
const user = (uid: number): Reader => ({ kind: 'user', uid, groups: new Set() });
const me = user(process.getuid?.() ?? 0);

let folder: string;
beforeAll(() => {
  folder = temporaryFolder();
  chmodSync(folder, 0o755);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, mode = 0o644): string {
  const path = join(folder, name);
  writeFileSync(path, name);
  chmodSync(path, mode);
  return path;
}

/** Content and path of what is opened, or the problem's code. */
function opened(fd: number, reader: Reader, pid = process.pid): string {
  const found = openDescriptor({ pid, fd }, reader, 1000);
  if (found.kind === 'problem') return found.code;
  const fdToRead = openForReading(found);
  const content = readFileSync(fdToRead, 'latin1');
  closeSync(fdToRead);
  closeSync(found.fd);
  return `${content} at ${found.path.toString()}`;
}

test('AD3 the held file is opened, whatever its path leads to now', () => {
  const path = file('held');
  const fd = openSync(path, 'r');
  expect(opened(fd, me)).toBe(`held at ${path}`);
  renameSync(path, `${path}.old`);
  writeFileSync(path, 'swapped');
  expect(opened(fd, me)).toBe(`held at ${path}.old`);
  unlinkSync(`${path}.old`);
  expect(opened(fd, me)).toBe(`held at ${path}.old`);
  closeSync(fd);
});

test('a file that is named like a removed one has its own path', () => {
  const path = file('named (deleted)');
  const fd = openSync(path, 'r');
  expect(opened(fd, SERVICE)).toBe(`named (deleted) at ${path}`);
  unlinkSync(path);
  expect(opened(fd, SERVICE)).toBe(`named (deleted) at ${path}`);
  closeSync(fd);
});

describe('what is refused', () => {
  test('AD23 a descriptor that its holder cannot read by, as that would lend the right to', () => {
    const path = file('written');
    for (const flags of [constants.O_WRONLY, O_PATH]) {
      const fd = openSync(path, flags);
      expect(opened(fd, me)).toBe('NO_PERMISSION');
      closeSync(fd);
    }
  });

  test('AD21 what is no regular file, and what is not there', () => {
    const folderFd = openSync(folder, 'r');
    expect(opened(folderFd, me)).toBe('NOT_SIF');
    closeSync(folderFd);
    const device = openSync('/dev/null', 'r');
    expect(opened(device, SERVICE)).toBe('NOT_SIF');
    closeSync(device);
    const kernel = openSync('/proc/version', 'r');
    expect(opened(kernel, SERVICE)).toBe('NOT_SIF');
    closeSync(kernel);
    expect(opened(9999, me)).toBe('NO_PERMISSION');
    expect(opened(9999, SERVICE)).toBe('IO_ERROR');
    expect(opened(0, me, 2 ** 22 + 1)).toBe('NO_PERMISSION');
    expect(opened(0, SERVICE, 2 ** 22 + 1)).toBe('IO_ERROR');
  });

  test('callers of whom nothing is known have no processes', () => {
    const fd = openSync(file('public'), 'r');
    expect(opened(fd, { kind: 'anyone' })).toBe('NO_PERMISSION');
    closeSync(fd);
  });

  test('AD23 processes of others', () => {
    const fd = openSync(file('public'), 'r');
    expect(opened(fd, user(4242))).toBe('NO_PERMISSION');
    closeSync(fd);
  });
});

describe.skipIf(!IS_ROOT)('processes of other users (needs root)', () => {
  /** A process that holds the file open for reading as its descriptor 3, once it says so. */
  async function holder(path: string, uid: number): Promise<ChildProcess> {
    const fd = openSync(path, 'r');
    const child = spawn('sh', ['-c', 'echo ready; exec sleep 60'], {
      uid,
      gid: uid,
      stdio: ['ignore', 'pipe', 'ignore', fd],
    });
    closeSync(fd);
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    return child;
  }

  test('AD23 only those whose user IDs are all the caller’s', async () => {
    const path = file('handed', 0o600);
    const child = await holder(path, 4242);
    try {
      expect(opened(3, user(4242), child.pid)).toBe(`handed at ${path}`);
      expect(opened(3, user(4243), child.pid)).toBe('NO_PERMISSION');
      expect(opened(3, SERVICE, child.pid)).toBe(`handed at ${path}`);
    } finally {
      child.kill('SIGKILL');
    }
  });
});
