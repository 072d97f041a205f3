import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams, SpawnOptionsWithoutStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The built program; vitest's global set-up has built it. */
const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface Started {
  readonly process: ChildProcessWithoutNullStreams;
  readonly ended: Promise<Ended>;
  /** Resolves when stdout (or stderr) holds a match; rejects when the process ends without one. */
  seen(pattern: RegExp, where?: 'stdout' | 'stderr'): Promise<RegExpExecArray>;
}

/** Starts `vouch` with settings from its words alone: none of this machine's VOUCH_ variables reach it. */
export function start(words: readonly string[], options: SpawnOptionsWithoutStdio = {}): Started {
  const child = spawn(process.execPath, [MAIN, ...words], { env: { PATH: process.env['PATH'] }, ...options });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  const ended = once(child, 'close').then(([code]: (number | null)[]) => ({
    code: code ?? null,
    stdout: Buffer.concat(out),
    stderr: Buffer.concat(err).toString(),
  }));
  return {
    process: child,
    ended,
    seen: (pattern, where = 'stdout') =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(Buffer.concat(where === 'stdout' ? out : err).toString());
          if (match !== null) resolve(match);
        };
        child[where].on('data', look);
        look();
        void ended.then(({ stderr }) =>
          reject(new Error(`vouch ended without ${pattern.source}: ${stderr}`)),
        );
      }),
  };
}

export async function vouch(
  words: readonly string[],
  options: { stdin?: Uint8Array; env?: Record<string, string> } = {},
): Promise<Ended> {
  const { process: child, ended } = start(words, { env: { PATH: process.env['PATH'], ...options.env } });
  // A command that ends before it has read its input closes the pipe.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.stdin ?? '');
  return ended;
}

export interface Served extends Started {
  readonly url: string;
}

export async function serve(data: string, words: readonly string[] = []): Promise<Served> {
  const started = start(['serve', '--listen', '127.0.0.1:0', '--data', data, ...words]);
  const [, url = ''] = await started.seen(/^Vouch keystore: (http:\/\/\S+)$/m);
  return { ...started, url };
}

/** POST /pks/add, as gpg does it. */
export async function push(url: string, certificate: Uint8Array): Promise<Response> {
  return fetch(`${url}/pks/add`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/pgp-keys' },
    body: Buffer.from(certificate),
  });
}

export async function inTempFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'vouch-cli-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
