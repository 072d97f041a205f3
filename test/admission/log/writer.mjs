/**
 * Writes decisions to the log in a folder, several at a time, until it is killed or the log cannot be written.
 * Prints the number of each line once it is written; when one fails, the code of the error, and ends.
 */
import { writeSync } from 'node:fs';
import { openDecisionLog } from '../../../build/admission/log/decision-log.js';

const AT_A_TIME = 8;

const log = await openDecisionLog(process.argv[2] ?? '', {
  now: Date.now,
  origin: 'host.example.org',
  sync: process.argv[3] === 'each' ? 'each' : 'batched',
  rotateOctets: Number(process.argv[4] ?? 100_000),
  keep: 0,
  checkpointEvery: 5,
  onProblem: () => undefined,
});

/** @type {(n: number) => import('../../../src/admission/log/record.ts').LogRecord} */
function record(n) {
  const fields = { n, filler: 'x'.repeat(n % 700) };
  return { kind: 'event', event: 'key_changed', time: new Date().toISOString(), fields };
}

for (let n = 0, failed = false; !failed; n += AT_A_TIME) {
  const written = await Promise.allSettled(
    Array.from({ length: AT_A_TIME }, async (_, i) => (await log.append(record(n + i))).seq),
  );
  for (const one of written) {
    writeSync(1, one.status === 'fulfilled' ? `${one.value}\n` : `${one.reason.code}\n`);
    failed ||= one.status === 'rejected';
  }
}
process.exit();
