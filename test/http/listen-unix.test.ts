import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Koa from 'koa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HttpError } from '../../src/http/error.ts';
import { listenUnix } from '../../src/http/listen-unix.ts';
import type { ListeningUnix, UnixAddress } from '../../src/http/listen-unix.ts';
import { askUnix } from './ask-unix.ts';

const ROOT = process.geteuid?.() === 0;

let folder: string;
let open: ListeningUnix[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vouch-unix-'));
  open = [];
});

afterEach(async () => {
  await Promise.all(open.map((one) => one.close()));
  rmSync(folder, { recursive: true, force: true });
});

function app(text = 'hello'): Koa {
  const koa = new Koa();
  koa.use((ctx) => {
    ctx.body = text;
  });
  return koa;
}

async function listen(at: UnixAddress, text?: string): Promise<ListeningUnix> {
  const listening = await listenUnix(app(text), at);
  open.push(listening);
  return listening;
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (error instanceof HttpError) return error.code;
  throw new Error('no HttpError', { cause: error });
}

describe('listenUnix', () => {
  it('makes the folder and the socket with their modes, answers, and removes the socket at the end', async () => {
    const path = join(folder, 'new/run/admin.sock');
    const mask = process.umask();
    const listening = await listen({ path, mode: 0o600 });
    expect(process.umask()).toBe(mask);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'new/run')).mode & 0o777).toBe(0o755);
    expect(await askUnix(path, { path: '/' })).toMatchObject({ status: 200, text: 'hello' });
    await listening.close();
    await listening.close();
    expect(existsSync(path)).toBe(false);
  });

  it('gives a socket for everybody the mode that is asked for, whatever the mask', async () => {
    const path = join(folder, 'public.sock');
    await listen({ path, mode: 0o666 });
    expect(statSync(path).mode & 0o777).toBe(0o666);
  });

  it('refuses to take a socket that somebody listens on', async () => {
    const path = join(folder, 'a.sock');
    await listen({ path, mode: 0o600 }, 'first');
    expect(await codeOf(listen({ path, mode: 0o600 }))).toBe('ADDRESS_IN_USE');
    expect((await askUnix(path, { path: '/' })).text).toBe('first');
  });

  it('replaces a socket that a process left behind when it was killed', async () => {
    const path = join(folder, 'a.sock');
    const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => console.log('up'))`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(existsSync(path)).toBe(true);
    await listen({ path, mode: 0o600 });
    expect((await askUnix(path, { path: '/' })).text).toBe('hello');
  });

  it('never removes what is not a socket, nor follows a link', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, 'keep me');
    const link = join(folder, 'link');
    symlinkSync(file, link);
    expect(await codeOf(listen({ path: file, mode: 0o600 }))).toBe('LISTEN_FAILED');
    expect(await codeOf(listen({ path: link, mode: 0o600 }))).toBe('LISTEN_FAILED');
    expect(existsSync(file)).toBe(true);
  });

  it('refuses a folder that others can write, unless only owners can remove files there', async () => {
    chmodSync(folder, 0o777);
    expect(await codeOf(listen({ path: join(folder, 'a.sock'), mode: 0o600 }))).toBe('LISTEN_FAILED');
    chmodSync(folder, 0o1777);
    await listen({ path: join(folder, 'a.sock'), mode: 0o600 });
  });

  it('refuses a path that would be cut', async () => {
    expect(await codeOf(listen({ path: join(folder, 'x'.repeat(108)), mode: 0o600 }))).toBe('LISTEN_FAILED');
  });

  it('lets a request in flight finish when it is closed', async () => {
    const path = join(folder, 'a.sock');
    let release: () => void = () => undefined;
    const started = new Promise<void>((begun) => {
      const koa = new Koa();
      koa.use(async (ctx) => {
        begun();
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        ctx.body = 'late';
      });
      void listenUnix(koa, { path, mode: 0o600 }).then((one) => open.push(one));
    });
    const waiting = until(() => existsSync(path)).then(() => askUnix(path, { path: '/' }));
    await started;
    const closing = open[0]?.close();
    release();
    expect((await waiting).text).toBe('late');
    await closing;
  });

  it.skipIf(!ROOT)(
    'AD23 lets only its owner connect to a socket (needs root to become somebody else)',
    async () => {
      const path = join(folder, 'u/4242.sock');
      chmodSync(folder, 0o755);
      await listen({ path, mode: 0o600, uid: 4242 });
      expect(statSync(path)).toMatchObject({ uid: 4242 });
      const connect = (uid: number): string =>
        spawnSync(
          process.execPath,
          [
            '-e',
            `process.setgroups([]); process.setgid(${uid}); process.setuid(${uid});
           require('net').connect(${JSON.stringify(path)})
             .on('connect', () => { console.log('connected'); process.exit(); })
             .on('error', (e) => { console.log(e.code); process.exit(); })`,
          ],
          { encoding: 'utf8' },
        ).stdout.trim();
      // The answering side runs in this process, which spawnSync blocks; the kernel connects by itself.
      expect(connect(4242)).toBe('connected');
      expect(connect(4243)).toBe('EACCES');
    },
  );

  it.skipIf(!ROOT)(
    'replaces a stale socket that it gave to somebody, and leaves one in use to its owner (needs root)',
    async () => {
      const path = join(folder, '4242.sock');
      const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => console.log('up'))`;
      const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
      await once(child.stdout, 'data');
      chownSync(path, 4242, 0);
      expect(await codeOf(listen({ path, mode: 0o600, uid: 4242 }))).toBe('ADDRESS_IN_USE');
      expect(statSync(path).uid).toBe(4242);
      child.kill('SIGKILL');
      await once(child, 'close');
      await listen({ path, mode: 0o600, uid: 4242 });
      expect(statSync(path).uid).toBe(4242);
    },
  );
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
