/**
 * `node writer.mjs STORE FOLDER`: writes to a store until it is done or something fails. Prints the number of each
 * step when it is durable. Exit 3: it was told of a failure, by a code; 1: something else happened.
 */
import { writeSync } from 'node:fs';

const [store, folder = ''] = process.argv.slice(2);
/** @type {import('./store.mjs').FaultStore} */
const { write } = await import(`./stores/${store}.mjs`);
try {
  await write(folder, (step) => writeSync(1, `${step}\n`));
} catch (error) {
  if (!(error instanceof Error) || !('code' in error)) throw error;
  writeSync(2, `${String(error.code)}: ${error.message}\n`);
  process.exitCode = 3;
}
