/* The keystore on LevelDB: certificates that grow by parts, a removal and a document. */
import { checkLevelKeystore } from '../../../build/keystore/check.js';
import { openLevelKeystore } from '../../../build/keystore/level.js';
import { must, steps } from '../store.mjs';

const STEPS = 12;
const CERTIFICATES = 3;
const FILLER = 'x'.repeat(3000);

const nameOf = (/** @type {number} */ step) => String(step % CERTIFICATES).padStart(40, 'A');
const partsOf = (/** @type {Uint8Array} */ bytes) => Buffer.from(bytes).toString().split(' ').slice(1);

/** @param {readonly string[]} parts */
const termsOf = (parts) => parts.map((value) => ({ kind: /** @type {const} */ ('word'), value }));

/** @type {import('../store.mjs').FaultStore['write']} */
export async function write(folder, done) {
  const store = await openLevelKeystore(folder, { now: Date.now });
  try {
    for (const step of steps(STEPS)) {
      await store.update(nameOf(step), (held) => {
        const parts = [
          ...new Set([...(held === undefined ? [] : partsOf(held.bytes)), `${step}`]),
        ].toSorted();
        const bytes = Buffer.from(`${FILLER} ${parts.join(' ')}`);
        return { fingerprint: nameOf(step), bytes, terms: termsOf(parts) };
      });
      done(step);
    }
    await store.remove({ fingerprint: 'F'.repeat(40), time: 1, by: 'operator', reason: 'gone' });
    done(STEPS);
  } finally {
    await store.close();
  }
}

/** @type {import('../store.mjs').FaultStore['verify']} */
export async function verify(folder, done) {
  if (done.length === 0) return;
  const terms = (/** @type {Uint8Array} */ bytes) => termsOf(partsOf(bytes));
  const { findings } = await checkLevelKeystore(folder, { now: Date.now, terms });
  must(findings.length === 0, `the check finds nothing, not ${JSON.stringify(findings)}`);
  const store = await openLevelKeystore(folder, { now: Date.now });
  try {
    for (const step of done.filter((one) => one < STEPS)) {
      const bytes = (await store.bytes(nameOf(step))) ?? Buffer.of();
      must(partsOf(bytes).includes(`${step}`), `update ${step} was acknowledged and is there`);
    }
    const removed = await store.tombstones(['F'.repeat(40)]);
    must(!done.includes(STEPS) || removed.length === 1, 'the removal was acknowledged and is there');
  } finally {
    await store.close();
  }
}
