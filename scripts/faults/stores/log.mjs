/* The decision log, with files that are soon full. */
import { openDecisionLog } from '../../../build/admission/log/decision-log.js';
import { readLines } from '../../../build/admission/log/read-lines.js';
import { verifyDecisionLog } from '../../../build/admission/log/verify-log.js';
import { must, steps } from '../store.mjs';

const STEPS = 12;

/** @param {string} folder */
const open = (folder) =>
  openDecisionLog(folder, {
    now: Date.now,
    origin: 'host.example.org',
    sync: 'each',
    rotateOctets: 3000,
    keep: 0,
    checkpointEvery: 1,
    onProblem: () => undefined,
  });

/** @type {import('../store.mjs').FaultStore['write']} */
export async function write(folder, done) {
  const log = await open(folder);
  try {
    for (const step of steps(STEPS)) {
      const fields = { step, filler: 'x'.repeat(40 * step) };
      await log.append({ kind: 'event', event: 'key_changed', time: new Date().toISOString(), fields });
      done(step);
    }
  } finally {
    await log.close();
  }
}

/** @type {import('../store.mjs').FaultStore['verify']} */
export async function verify(folder, done) {
  await (await open(folder)).close();
  const { problems, unsigned } = await verifyDecisionLog(folder);
  must(problems.length === 0, `the chain is whole, not ${JSON.stringify(problems)}`);
  must(unsigned === 0, 'everything is signed once the log was closed');
  const held = new Set();
  for await (const line of readLines(folder)) {
    if ('fields' in line) held.add(line.fields['step']);
  }
  for (const step of done) must(held.has(step), `line ${step} was written and is there`);
}
