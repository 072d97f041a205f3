/*
 * One writer a folder, without a lock that can be left behind. A process that wants to write puts down a
 * ticket, a file of a name that is never used again, and looks round: it may write when no other living
 * process has one. Of two that meet, the one with the greater name steps back. Tickets of dead processes are
 * passed over and removed; since no name comes twice, that cannot remove a living one's.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile, readlink, unlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { KeyringError } from './error.ts';
import { LOCK_PAUSE, LOCK_WAIT } from './limits.ts';
import { systemCode, systemReason } from './system-reason.ts';

const TICKET = /^\.vouch-lock\.([0-9a-f]{16})\.(\d{1,10})\.(\d{1,20})\.[0-9a-f]{16}$/;

/** Runs `use` while no other process runs one for the same folder. Throws `BUSY`, `UNWRITABLE`. */
export async function withRingLock<T>(folder: string, use: () => Promise<T>): Promise<T> {
  const ticket = await acquire(folder);
  try {
    return await use();
  } finally {
    await remove(join(folder, ticket));
  }
}

async function acquire(folder: string): Promise<string> {
  const machine = await machineName();
  const started = (await startTime(process.pid)) ?? '0';
  let waited = 0;
  let ticket = '';
  for (;;) {
    if (ticket === '') ticket = await putTicket(folder, `${machine}.${process.pid}.${started}`);
    const others = await livingTickets(folder, ticket, machine);
    if (others.length === 0) return ticket;
    if (waited >= LOCK_WAIT || others.some((other) => other < ticket)) {
      await remove(join(folder, ticket));
      ticket = '';
    }
    if (waited >= LOCK_WAIT) throw busy(folder, others);
    const pause = LOCK_PAUSE.least + Math.random() * (LOCK_PAUSE.most - LOCK_PAUSE.least);
    await delay(pause);
    waited += pause;
  }
}

async function putTicket(folder: string, owner: string): Promise<string> {
  const ticket = `.vouch-lock.${owner}.${randomBytes(8).toString('hex')}`;
  try {
    await writeFile(join(folder, ticket), `${hostname()}\n`, { flag: 'wx', mode: 0o600 });
  } catch (cause) {
    throw new KeyringError('UNWRITABLE', `cannot write in ${folder}: ${systemReason(cause)}`, { cause });
  }
  return ticket;
}

/** Of processes on another machine nothing can be known: they count as living. */
async function livingTickets(folder: string, own: string, machine: string): Promise<string[]> {
  const living: string[] = [];
  for (const name of await readdir(folder)) {
    const [, where, pid = '', started = ''] = TICKET.exec(name) ?? [];
    if (where === undefined || name === own) continue;
    if (where !== machine || (await lives(Number(pid), started))) living.push(name);
    else await remove(join(folder, name));
  }
  return living;
}

/** A process ID may be in use again; its start time tells (proc(5)), where the system has it. */
async function lives(pid: number, started: string): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (systemCode(error) === 'ESRCH') return false;
  }
  const now = await startTime(pid);
  return now === undefined || now === started;
}

/** Field 22 of /proc/PID/stat, counted after the name, which may hold spaces and brackets. */
async function startTime(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

/** Process IDs mean the same wherever this name is the same: one boot of one machine, one PID namespace. */
async function machineName(): Promise<string> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'latin1').catch(() => '');
  const namespace = await readlink('/proc/self/ns/pid').catch(() => '');
  return createHash('sha256').update(`${hostname()}\n${boot}\n${namespace}`).digest('hex').slice(0, 16);
}

async function remove(path: string): Promise<void> {
  await unlink(path).catch(() => undefined);
}

function busy(folder: string, others: readonly string[]): KeyringError {
  return new KeyringError(
    'BUSY',
    `another command is writing in ${folder}; if none is, on no machine that shares this folder, remove ${others.join(', ')} there`,
  );
}
