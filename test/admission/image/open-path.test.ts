import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { openPath } from '../../../src/admission/image/open-path.ts';
import { openForReading } from '../../../src/admission/image/opened-image.ts';
import type { Reader } from '../../../src/admission/image/permission.ts';
import { temporaryFolder } from './image-files.ts';

const SERVICE: Reader = { kind: 'service' };
const ANYONE: Reader = { kind: 'anyone' };
const stranger = (groups: readonly number[] = []): Reader => ({
  kind: 'user',
  uid: 4242,
  groups: new Set(groups),
});

let folder: string;
beforeAll(() => {
  folder = temporaryFolder();
  chmodSync(folder, 0o755);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The path of what is opened, or the problem's code and text. */
function opened(path: string | Uint8Array, reader: Reader = SERVICE, most = 1e9): string {
  const found = openPath(Buffer.from(path), reader, most);
  if (found.kind === 'problem') return `${found.code}: ${found.text}`;
  closeSync(found.fd);
  return found.path.toString();
}

function file(name: string, mode = 0o644): string {
  const path = join(folder, name);
  writeFileSync(path, 'octets');
  chmodSync(path, mode);
  return path;
}

describe.each([
  ['the administrator', SERVICE],
  ['a user', stranger()],
  ['anyone', ANYONE],
])('whatever is no image file is refused at once, for %s', (_name, reader) => {
  test('S7.7 AD21 a FIFO, a socket, a folder, a link, an empty file', async () => {
    const place = (name: string): string => join(folder, `${reader.kind}-${name}`);
    execFileSync('mkfifo', [place('fifo')]);
    mkdirSync(place('folder'));
    writeFileSync(place('empty'), '');
    symlinkSync(file('target'), place('link'));
    const server = createServer().listen(place('socket'));
    await new Promise((resolve) => server.once('listening', resolve));
    for (const name of ['fifo', 'folder', 'socket']) {
      expect(opened(place(name), reader)).toBe('NOT_SIF: not a regular file');
    }
    expect(opened(place('empty'), reader)).toBe('NOT_SIF: an empty file');
    expect(opened(place('link'), reader)).toMatch(/^NOT_SIF: a symbolic link/);
    await new Promise((resolve) => server.close(resolve));
  });

  test('S7.7 AD21 files and devices of the kernel, however they are written', () => {
    for (const path of [
      '/proc/self/maps',
      '/proc/1/mem',
      '/sys/kernel/notes',
      '/dev/null',
      '/dev/sda',
      '/proc',
    ]) {
      expect(opened(path, reader)).toBe('NOT_SIF: no images are in /proc, /sys and /dev');
    }
    expect(opened('//proc/version', reader)).toMatch(/^NOT_SIF: no images are in/);
    expect(opened(`${folder}/../../proc/version`, reader)).toMatch(/^NOT_SIF: no images are in/);
    expect(opened('/./dev/null', reader)).toMatch(/^NOT_SIF: /);
  });

  test('S7.7 AD24 relative paths, NULs, and paths that are too long', () => {
    for (const path of ['', 'a.sif', './a', '/a\0b', `/${'a/'.repeat(2100)}`]) {
      expect(opened(path, reader)).toBe('IO_ERROR: not an absolute path');
    }
  });

  test('AD21 more octets than allowed, and a huge sparse file', () => {
    const path = file('large');
    expect(opened(path, reader, 6)).toBe(path);
    expect(opened(path, reader, 5)).toBe('LIMIT: it has 6 octets; 5 are allowed');
    truncateSync(path, 2 ** 40);
    expect(opened(path, reader, 2 ** 37)).toMatch(/^LIMIT/);
  });

  test('AD24 S7.7 a path is octets: line ends and what is no UTF-8 are kept', () => {
    const path = Buffer.concat([Buffer.from(`${folder}/a\nb`), Buffer.from([0xff, 0xfe])]);
    writeFileSync(path, 'octets');
    const found = openPath(path, reader, 100);
    expect(found).toMatchObject({ kind: 'opened', path });
    if (found.kind === 'opened') closeSync(found.fd);
  });

  test('AD2 `..` and hard links lead to where the kernel says', () => {
    mkdirSync(join(folder, 'inner'), { recursive: true });
    const path = file('plain');
    expect(opened(`${folder}/inner/..//./plain`, reader)).toBe(path);
    rmSync(join(folder, 'hard'), { force: true });
    linkSync(path, join(folder, 'hard'));
    expect(opened(join(folder, 'hard'), reader)).toBe(join(folder, 'hard'));
  });

  test('what is not there is said to be so to who may know', () => {
    expect(opened(join(folder, 'absent'), reader)).toBe('IO_ERROR: no such file');
    expect(opened(join(file('plain'), 'below'), reader)).toBe('IO_ERROR: no such file');
  });
});

describe('other callers than the administrator', () => {
  const refused = 'NO_PERMISSION: no permission to read it';

  test('AD23 what is behind a folder that is closed to them is not told from what is not there', () => {
    const closed = join(folder, 'closed');
    mkdirSync(join(closed, 'inner'), { recursive: true });
    writeFileSync(join(closed, 'there.sif'), 'octets');
    symlinkSync('/', join(closed, 'link'));
    chmodSync(closed, 0o700);
    for (const reader of [stranger(), ANYONE]) {
      for (const name of [
        'there.sif',
        'absent.sif',
        'inner/absent',
        'there.sif/below',
        'link/etc',
        '..',
        '.',
      ]) {
        expect(opened(join(closed, '.') + '/' + name, reader)).toBe(refused);
      }
      expect(opened(`${closed}/../closed/there.sif`, reader)).toBe(refused);
    }
    expect(opened(join(closed, 'there.sif'))).toBe(join(closed, 'there.sif'));
  });

  test('AD23 a file is read by those whom its mode lets', () => {
    const path = file('secret', 0o640);
    expect(opened(path, stranger())).toBe(refused);
    expect(opened(path, ANYONE)).toBe(refused);
    expect(opened(path, stranger([process.getgid?.() ?? 0]))).toBe(path);
    expect(opened(path, { kind: 'user', uid: process.getuid?.() ?? 0, groups: new Set() })).toBe(path);
    chmodSync(path, 0o604);
    expect(opened(path, stranger())).toBe(path);
    // The class that fits decides, and anyone may be of any.
    expect(opened(path, stranger([process.getgid?.() ?? 0]))).toBe(refused);
    expect(opened(path, ANYONE)).toBe(refused);
  });

  test('S7.7 a link on the way is not followed', () => {
    const inner = join(folder, 'way');
    mkdirSync(inner);
    writeFileSync(join(inner, 'a.sif'), 'octets');
    symlinkSync(inner, join(folder, 'other-way'));
    expect(opened(join(folder, 'other-way/a.sif'), stranger())).toMatch(
      /^NOT_SIF: a symbolic link is on the way/,
    );
    expect(opened(join(folder, 'other-way/a.sif'))).toBe(join(inner, 'a.sif'));
  });

  test('S7.7 a folder that is exchanged all the time never shows what is closed to them', async () => {
    const place = (name: string): string => join(folder, name);
    for (const name of ['open', 'shut']) {
      mkdirSync(place(name));
      writeFileSync(join(place(name), 'a.sif'), name);
    }
    chmodSync(place('shut'), 0o700);
    const exchange =
      'while :; do mv open here; mv here open; mv shut here; mv here shut; ln -s shut here; rm here; done';
    const exchanging = spawn('sh', ['-c', exchange], { stdio: 'ignore', cwd: folder });
    const seen = new Set<string>();
    try {
      for (let i = 0; i < 1_000_000 && !(seen.has('open') && i > 20_000); i += 1) {
        const found = openPath(Buffer.from(place('here/a.sif')), stranger(), 100);
        if (found.kind === 'opened') {
          const fd = openForReading(found);
          seen.add(readFileSync(fd, 'utf8'));
          closeSync(fd);
          closeSync(found.fd);
        }
        if (i % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      exchanging.kill('SIGKILL');
      await new Promise((resolve) => exchanging.once('exit', resolve));
    }
    expect([...seen]).toEqual(['open']);
  });
});

test('whatever the path is, it is opened or refused, and no descriptor is left open', () => {
  renameSync(file('first'), join(folder, 'a'));
  const count = (): number => readdirSync('/proc/self/fd').length;
  const before = count();
  const names = fc.constantFrom(
    '/',
    'a',
    '..',
    '.',
    'absent',
    folder,
    folder.slice(1),
    '\n',
    '\0',
    'proc',
    'link',
  );
  fc.assert(
    fc.property(
      fc.array(names, { maxLength: 8 }),
      fc.constantFrom(SERVICE, ANYONE, stranger()),
      (parts, reader) => {
        expect(opened(parts.join('/'), reader)).toEqual(expect.any(String));
      },
    ),
  );
  expect(count()).toBe(before);
});
