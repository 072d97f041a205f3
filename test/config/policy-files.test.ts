import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/config/error.ts';
import { readPolicyFiles } from '../../src/config/policy-files.ts';

const uid = process.getuid?.() ?? 0;
const owners = [0, uid];
const isRoot = uid === 0;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vouch-policy-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function put(name: string, text = name): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  writeFileSync(path, text, { mode: 0o644 });
  return path;
}

function read(path: string): string[] {
  return readPolicyFiles(path, { owners }).map(
    ({ name, octets }) => `${name.replace(folder, '')}: ${Buffer.from(octets).toString()}`,
  );
}

function failure(path: string, trust = owners): ConfigError {
  try {
    readPolicyFiles(path, { owners: trust });
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('readPolicyFiles: which files', () => {
  it('reads one file', () => {
    put('policy.d/10.toml');
    expect(read(put('other.toml', 'x'))).toEqual(['/other.toml: x']);
  });

  it('reads policy.d beside policy.toml, by name', () => {
    put('policy.d/20-b.toml');
    put('policy.d/10-a.toml');
    put('policy.d/3.json');
    put('policy.d/.10.toml.swp');
    put('policy.d/.hidden.toml');
    put('policy.d/README');
    put('policy.d/20-b.toml.bak');
    expect(read(put('policy.toml'))).toEqual([
      '/policy.toml: policy.toml',
      '/policy.d/10-a.toml: policy.d/10-a.toml',
      '/policy.d/20-b.toml: policy.d/20-b.toml',
      '/policy.d/3.json: policy.d/3.json',
    ]);
  });

  it('needs no policy.d, and takes an empty one', () => {
    const path = put('policy.toml');
    expect(read(path)).toHaveLength(1);
    mkdirSync(join(folder, 'policy.d'), { mode: 0o755 });
    expect(read(path)).toHaveLength(1);
  });

  it('reads a folder, by name', () => {
    put('p/b.toml');
    put('p/a.toml');
    expect(read(join(folder, 'p'))).toEqual(['/p/a.toml: p/a.toml', '/p/b.toml: p/b.toml']);
  });

  it('says that there is nothing', () => {
    expect(failure(join(folder, 'no.toml')).code).toBe('CONFIG_NOT_FOUND');
    expect(failure(join(folder, 'no/policy.toml')).code).toBe('CONFIG_NOT_FOUND');
    expect(failure(folder).code).toBe('CONFIG_NOT_FOUND');
  });

  it('refuses more than a mebibyte, more than 64 files, and a policy.d that is none', () => {
    const path = put('policy.toml');
    truncateSync(path, 1024 * 1024 + 1);
    expect(failure(path).code).toBe('CONFIG_UNREADABLE');
    for (let index = 0; index < 65; index += 1) put(`many/${index}.toml`);
    expect(failure(join(folder, 'many')).code).toBe('CONFIG_UNREADABLE');
    put('x/policy.d', 'a file');
    expect(failure(put('x/policy.toml')).code).toBe('CONFIG_UNREADABLE');
  });

  it('AD21: never waits for a FIFO', () => {
    execFileSync('mkfifo', ['-m', '600', join(folder, 'fifo.toml')]);
    expect(failure(join(folder, 'fifo.toml'))).toMatchObject({
      code: 'CONFIG_UNREADABLE',
      message: expect.stringContaining('not a regular file') as string,
    });
  });
});

describe('readPolicyFiles: who could have written them', () => {
  it.each([0o664, 0o646, 0o666])('refuses a file that others can write: mode %o', (mode) => {
    const path = put('policy.toml');
    chmodSync(path, mode);
    const error = failure(path);
    expect(error.code).toBe('CONFIG_UNTRUSTED');
    expect(error.message).toContain(`mode 0${mode.toString(8)}`);
    expect(error.message).toContain(`chmod go-w ${path}`);
  });

  it('refuses such a file in policy.d too', () => {
    const path = put('policy.toml');
    chmodSync(put('policy.d/1.toml'), 0o666);
    expect(failure(path).message).toContain('policy.d/1.toml');
  });

  it.each([0o775, 0o757, 0o1777])('refuses a file in a folder that others can write: mode %o', (mode) => {
    const path = put('open/policy.toml');
    chmodSync(join(folder, 'open'), mode);
    expect(failure(path).code).toBe('CONFIG_UNTRUSTED');
    expect(failure(join(folder, 'open')).code).toBe('CONFIG_UNTRUSTED');
  });

  it('refuses a folder above that others can write, unless it is sticky', () => {
    const path = put('open/own/policy.toml');
    chmodSync(join(folder, 'open'), 0o777);
    expect(failure(path).message).toContain(`others can write ${join(folder, 'open')} `);
    chmodSync(join(folder, 'open'), 0o1777);
    expect(read(path)).toHaveLength(1);
  });

  it('refuses a symbolic link in place of a file, and in place of a folder', () => {
    const path = put('real/policy.toml');
    symlinkSync(path, join(folder, 'policy.toml'));
    expect(failure(join(folder, 'policy.toml')).code).toBe('CONFIG_UNTRUSTED');
    symlinkSync('real', join(folder, 'policy.d'));
    rmSync(join(folder, 'policy.toml'));
    expect(failure(put('policy.toml')).code).toBe('CONFIG_UNREADABLE');
  });

  it('follows links on the way to the folder, and looks at where they lead', () => {
    put('real/deep/policy.toml');
    symlinkSync('real/deep', join(folder, 'way'));
    expect(read(join(folder, 'way/policy.toml'))).toEqual(['/way/policy.toml: real/deep/policy.toml']);
    chmodSync(join(folder, 'real'), 0o777);
    expect(failure(join(folder, 'way/policy.toml')).code).toBe('CONFIG_UNTRUSTED');
    symlinkSync('loop', join(folder, 'loop'));
    expect(failure(join(folder, 'loop/policy.toml')).code).toMatch(/^CONFIG_(NOT_FOUND|UNREADABLE)$/);
  });

  it('refuses what belongs to nobody who may decide', () => {
    const path = put('policy.toml');
    const { code, message } = failure(path, [uid + 1]);
    expect(code).toBe('CONFIG_UNTRUSTED');
    expect(message).toContain(`has to belong to user ${uid + 1}`);
  });

  it.skipIf(!isRoot)('refuses files, folders and links of other users (needs root)', () => {
    const path = put('own/policy.toml');
    chownSync(path, 1234, 0);
    expect(failure(path)).toMatchObject({ code: 'CONFIG_UNTRUSTED' });
    expect(failure(path).message).toContain(`${path} belongs to user 1234`);
    expect(readPolicyFiles(path, { owners: [0, 1234] })).toHaveLength(1);
    chownSync(path, 0, 0);
    chownSync(join(folder, 'own'), 1234, 0);
    expect(failure(path).message).toContain(`${join(folder, 'own')} belongs to user 1234`);
    chownSync(join(folder, 'own'), 0, 0);
    expect(lstatSync(path).uid).toBe(0);
    execFileSync('ln', ['-s', 'own', join(folder, 'link')]);
    execFileSync('chown', ['-h', '1234', join(folder, 'link')]);
    expect(failure(join(folder, 'link/policy.toml')).message).toContain('link belongs to user 1234');
  });
});
