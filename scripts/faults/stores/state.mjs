/* The daemon's own database: facts of images, keys that were seen, first-seen times. */
import { openStateDb } from '../../../build/admission/state-db.js';
import { must, steps } from '../store.mjs';

const STEPS = 12;
const valueOf = (/** @type {number} */ step) => ({ step, filler: 'x'.repeat(500 * step) });

/** @type {import('../store.mjs').FaultStore['write']} */
export async function write(folder, done) {
  const db = await openStateDb(folder);
  try {
    const table = db.table('facts');
    for (const step of steps(STEPS)) {
      await table.put(`${step}`, valueOf(step), { sync: true });
      done(step);
    }
  } finally {
    await db.close();
  }
}

/** @type {import('../store.mjs').FaultStore['verify']} */
export async function verify(folder, done) {
  const db = await openStateDb(folder);
  try {
    const table = db.table('facts');
    for (const step of done) {
      const held = JSON.stringify(await table.get(`${step}`));
      must(held === JSON.stringify(valueOf(step)), `fact ${step} was acknowledged and is there`);
    }
  } finally {
    await db.close();
  }
}
