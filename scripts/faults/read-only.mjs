/* A file system that takes no more writes, under a process that has files of it open, and takes them again. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readlink } from 'node:fs/promises';
import path from 'node:path';

/** What fails with EROFS. A socket is no file of a folder: what is sent goes on. */
const CALLS = ['write', 'pwrite64', 'writev', 'fdatasync', 'fsync', 'ftruncate'];

/**
 * Runs `use` while the files of a folder that a process has open take no writes.
 *
 * @template T
 * @param {number} pid
 * @param {string} folder
 * @param {() => Promise<T>} use
 */
export async function whileReadOnly(pid, folder, use) {
  const files = await openFiles(pid, folder);
  if (files.length === 0) throw new Error(`process ${pid} has nothing open in ${folder}`);
  const calls = CALLS.join(',');
  const strace = spawn(
    'strace',
    [
      '-f',
      '-o',
      '/dev/null',
      '-p',
      `${pid}`,
      ...files.flatMap((file) => ['-P', file]),
      '-e',
      `trace=${calls}`,
      '-e',
      `inject=${calls}:error=EROFS`,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const ended = once(strace, 'exit');
  await new Promise((resolve, reject) => {
    let said = '';
    strace.stderr.on('data', (chunk) => {
      said += String(chunk);
      if (said.includes('attached')) resolve(undefined);
    });
    strace.once('error', reject);
    strace.once('exit', () => reject(new Error(`strace: ${said}`)));
  });
  try {
    return await use();
  } finally {
    strace.kill('SIGINT');
    await ended;
  }
}

/**
 * @param {number} pid
 * @param {string} folder
 */
async function openFiles(pid, folder) {
  const descriptors = `/proc/${pid}/fd`;
  const names = await readdir(descriptors);
  const targets = await Promise.all(
    names.map((name) => readlink(path.join(descriptors, name)).catch(() => '')),
  );
  return [...new Set(targets.filter((target) => target.startsWith(`${folder}/`)))];
}
