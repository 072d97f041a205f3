import { readdir, readFile } from 'node:fs/promises';

/** Clock ticks per second of /proc (sysconf(_SC_CLK_TCK); 100 on every Linux architecture Node runs on). */
const TICKS = 100;

/**
 * Processor time a process has used, user and system, in microseconds.
 *
 * @param {number} pid
 */
export async function processorTime(pid) {
  const line = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name in parentheses may hold spaces; fields 14 and 15 are counted from behind it.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) / TICKS) * 1e6;
}

/**
 * Processor time that a process, its children, and children that it has outlived have used, in microseconds.
 *
 * @param {number} pid
 */
export async function familyProcessorTime(pid) {
  const lines = await Promise.all(
    (await readdir('/proc'))
      .filter((name) => /^\d+$/.test(name))
      // It may have ended meanwhile.
      .map((name) => readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')),
  );
  let ticks = 0;
  for (const line of lines) {
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
    const [own, parent] = [Number.parseInt(line, 10) === pid, Number(fields[1]) === pid];
    if (own) ticks += Number(fields[13]) + Number(fields[14]);
    if (own || parent) ticks += Number(fields[11]) + Number(fields[12]);
  }
  return (ticks / TICKS) * 1e6;
}

/**
 * Memory in MiB: all that is resident, and what is the process's own (not mapped files).
 *
 * @param {number} pid
 */
export async function memory(pid) {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
  /** @param {string} name */
  const mebibytes = (name) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(rollup)?.[1] ?? Number.NaN) / 1024;
  return { resident: mebibytes('Rss'), anonymous: mebibytes('Anonymous') };
}

/**
 * Memory in MiB: the most that was ever resident, mapped files included, and what is the process's own now.
 *
 * @param {number} pid
 */
export async function peakMemory(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  /** @param {string} name */
  const mebibytes = (name) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? Number.NaN) / 1024;
  return { peak: mebibytes('VmHWM'), own: mebibytes('RssAnon') };
}
