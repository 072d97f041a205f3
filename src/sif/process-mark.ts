import { readFile } from 'node:fs/promises';
import { codeOf } from './disk.ts';

/** A process of this host: its number and, where /proc says so, when it began, since numbers are used again. */
export async function processMark(pid: number): Promise<string> {
  return `${pid} ${await beginning(pid)}`;
}

export async function isRunning(mark: string): Promise<boolean> {
  const pid = Number(mark.split(' ')[0]);
  if (!Number.isSafeInteger(pid) || pid < 1) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) !== 'EPERM') return false;
  }
  return (await processMark(pid)) === mark;
}

/** Clock ticks since the host was started; proc(5), field 22. The name before it may hold anything. */
async function beginning(pid: number): Promise<string> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '-';
  } catch {
    return '-';
  }
}
