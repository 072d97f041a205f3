/* A backup of the keystore that takes the place of the one before. */
import { access, readdir } from 'node:fs/promises';
import path from 'node:path';
import { sweepBackups } from '../../../build/server/backup/backup-folder.js';
import { verifyBackup } from '../../../build/server/backup/read-backup.js';
import { writeBackup } from '../../../build/server/backup/write-backup.js';
import { must, steps } from '../store.mjs';

const STEPS = 3;
const NAME = 'vouch.backup';

/** @param {number} count */
async function* items(count) {
  for (const id of steps(count)) {
    const document = { kind: 'token', id: `${id}`, value: 'x'.repeat(1000), version: 1 };
    yield /** @type {const} */ ({ type: 'document', document });
  }
}

/** @type {import('../store.mjs').FaultStore['write']} */
export async function write(folder, done) {
  for (const step of steps(STEPS)) {
    await writeBackup(path.join(folder, NAME), items(step + 1), step);
    done(step);
  }
}

/** @type {import('../store.mjs').FaultStore['verify']} */
export async function verify(folder, done) {
  const file = path.join(folder, NAME);
  const there = await access(file).then(
    () => true,
    () => false,
  );
  must(there || done.length === 0, 'a backup that was written is there');
  if (!there) return;
  const { counts } = await verifyBackup(file);
  must(counts.documents > (done.at(-1) ?? -1), 'it is not older than the last that was written');
}

/** @type {NonNullable<import('../store.mjs').FaultStore['leftovers']>} */
export async function leftovers(folder) {
  // A day later, when nothing is being written any more.
  await sweepBackups(folder, 1, Date.now() + 2 * 86_400_000);
  return (await readdir(folder)).filter((name) => name !== NAME);
}
