import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

import { GROUPS_MAX_AGE, MAX_REMEMBERED_USERS } from '../limits.ts';
import type { Caller } from '../request.ts';
import type { Reader } from './permission.ts';

interface Remembered {
  readonly at: number;
  readonly groups: Promise<ReadonlySet<number>>;
}

/** The groups that users are in, as the system's own directory has them, for a minute. */
export class Groups {
  readonly #now: () => number;
  readonly #users = new Map<number, Remembered>();

  /** `now` in milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Whose rights a caller has; a promise only for users. */
  reader(caller: Caller): Reader | Promise<Reader> {
    if (caller.kind === 'admin') return { kind: 'service' };
    return caller.kind === 'anyone' ? caller : this.#user(caller.uid);
  }

  async #user(uid: number): Promise<Reader> {
    return { kind: 'user', uid, groups: await this.of(uid) };
  }

  /** Empty for a user that nobody knows. */
  of(uid: number): Promise<ReadonlySet<number>> {
    const at = this.#now();
    const known = this.#users.get(uid);
    if (known !== undefined && at >= known.at && at - known.at <= GROUPS_MAX_AGE) return known.groups;
    const [oldest] = this.#users.keys();
    if (this.#users.size >= MAX_REMEMBERED_USERS && oldest !== undefined) this.#users.delete(oldest);
    const groups = groupsOf(uid);
    this.#users.set(uid, { at, groups });
    return groups;
  }
}

const run = promisify(execFile);

/** `id` asks every source that the host is configured with; the files are only one of them. */
async function groupsOf(uid: number): Promise<ReadonlySet<number>> {
  try {
    const { stdout } = await run('/usr/bin/id', ['-G', String(uid)], { timeout: 5000 });
    return numbers(stdout.trim().split(/\s+/));
  } catch (error) {
    // A user without a name is in no group; `id` then ends with 1.
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) return new Set();
    return groupsInFiles(uid);
  }
}

async function groupsInFiles(uid: number): Promise<ReadonlySet<number>> {
  const users = rows(await readFile('/etc/passwd', 'latin1').catch(() => ''));
  const user = users.find(([, , number]) => number === String(uid));
  if (user === undefined) return new Set();
  const [name = '', , , own = ''] = user;
  const groups = rows(await readFile('/etc/group', 'latin1').catch(() => ''));
  const among = groups.filter(([, , , members = '']) => members.split(',').includes(name));
  return numbers([own, ...among.map(([, , number = '']) => number)]);
}

function rows(text: string): string[][] {
  return text.split('\n').map((line) => line.split(':'));
}

function numbers(texts: readonly string[]): ReadonlySet<number> {
  return new Set(texts.filter((text) => /^\d+$/.test(text)).map(Number));
}
