import path from 'node:path';
import { startServer } from '../interop/server-process.mjs';
import { forEachAtOnce, get, push } from './keystore-client.mjs';
import { describe } from './pool.mjs';

/** What each version of a test key must hold; see pool.mjs. */
const EXPECTED = [
  '1 user IDs, 1 subkeys, 0 revocations',
  '2 user IDs, 1 subkeys, 0 revocations',
  '2 user IDs, 1 subkeys, 1 revocations',
];

const AT_ONCE = 8;

/**
 * What a server that is not killed serves after each version of each key: the truth to compare with.
 *
 * @param {readonly import('./pool.mjs').PoolKey[]} pool
 * @param {string} folder
 * @returns {Promise<ReadonlyMap<string, readonly string[]>>} by fingerprint
 */
export async function servedVersions(pool, folder) {
  const server = await startServer({ data: path.join(folder, 'reference') });
  /** @type {Map<string, string[]>} */
  const served = new Map();
  try {
    await forEachAtOnce(pool, AT_ONCE, async ({ fingerprint, versions }) => {
      const answers = [];
      for (const [index, armor] of versions.entries()) {
        await push(server.url, [armor]);
        const answer = (await get(server.url, fingerprint)) ?? '';
        const holds = await describe(answer);
        if (holds !== EXPECTED[index])
          throw new Error(`${fingerprint}: ${holds}, expected ${EXPECTED[index]}`);
        answers.push(answer);
      }
      served.set(fingerprint, answers);
    });
  } finally {
    await server.stop();
  }
  return served;
}
