/** `npm run bench -- report [DIR]`: writes DIR/performance.md (default docs) and its plots anew, from the runs kept. */
import { writeReport } from './page.mjs';

/** @param {readonly string[]} args */
export async function benchReport([folder = 'docs']) {
  await writeReport(folder);
}
