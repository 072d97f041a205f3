/* Runs `vouch key` as a process with a home of its own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { vouch } from '../vouch.ts';

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Host {
  readonly home: string;
  /** Singularity's folder in it, which is the one that is written. */
  readonly keys: string;
  run(
    words: readonly string[],
    more?: { stdin?: string | Uint8Array; env?: Record<string, string> },
  ): Promise<Run>;
}

/** A host on which nobody has made keys yet, and which knows the keystores of `url`. */
export async function newHost(url?: string): Promise<Host> {
  const home = await mkdtemp(join(tmpdir(), 'vouch-home-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  return {
    home,
    keys: join(home, '.singularity', 'sypgp'),
    run: async (words, { stdin = '', env = {} } = {}) => {
      const { code, stdout, stderr } = await vouch(['key', ...words], {
        stdin: Buffer.from(stdin),
        env: { HOME: home, ...(url !== undefined && { VOUCH_KEYSERVER: url }), ...env },
      });
      return { code, stdout: stdout.toString(), stderr };
    },
  };
}

export interface ListedKey {
  readonly fingerprint: string;
  readonly status: string;
  readonly locked?: boolean;
  readonly keyring: string;
}

export async function listed(host: Host, words: readonly string[] = []): Promise<ListedKey[]> {
  return JSON.parse((await host.run(['list', '--json', ...words])).stdout) as ListedKey[];
}

/** A quick key without a passphrase. */
export async function newKey(host: Host, name: string): Promise<string> {
  const password = ['--password-file', '-'];
  const who = ['-N', name, '-E', `${name.toLowerCase()}@example.org`, '-C', '', '--algorithm', 'ed25519'];
  const { stderr } = await host.run(['newpair', '--no-push', ...password, ...who], { stdin: '\n' });
  const fingerprint = /fingerprint ([0-9A-F]{40})/.exec(stderr)?.[1];
  if (fingerprint === undefined) throw new Error(stderr);
  return fingerprint;
}
