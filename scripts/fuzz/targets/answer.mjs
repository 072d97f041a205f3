import { readChanges } from '../../../build/hkp/client/changes-answer.js';
import { HkpClientError } from '../../../build/hkp/client/error.js';
import { readIndex } from '../../../build/hkp/client/index-answer.js';
import { receivedCertificates } from '../../../build/hkp/client/received.js';
import { armor } from '../../../build/openpgp/armor.js';
import { certificates } from '../material.mjs';
import { linesOf, MOST_OCTETS, must, orLaterRefusal, orRefusal, wordsOf } from '../target.mjs';

const INDEX = `info:1:2
pub:7C439DD7826EC057DF79B3F3ED1F4B05D02CA3DD:22:256:1704067200:1804067200:r
uid:Alice %3Calice@example.org%3E:1704067200::
pub:0123456789ABCDEF:1:4096:1704067200::
uid:100%:1704067200::
`;
const CHANGES = JSON.stringify({
  log: 'a'.repeat(64),
  sequence: 9,
  changes: [{ sequence: 8, fingerprint: 'A'.repeat(40), kind: 'updated', digest: 'b'.repeat(64) }],
  more: true,
});

/**
 * What the host's client makes of what a keystore sends.
 *
 * @param {string | undefined} real
 * @returns {Promise<import('../target.mjs').Target>}
 */
export async function open(real) {
  const keys = await certificates(real);
  return {
    seeds: [Buffer.from(INDEX), Buffer.from(CHANGES), ...keys, ...keys.map((key) => Buffer.from(armor(key)))],
    words: wordsOf([
      'pub:',
      'uid:',
      'info:1:1\n',
      '%',
      '%0',
      '\r',
      '::',
      '"sequence":',
      '"__proto__":',
      '1e309',
      '{}',
    ]),
    pieces: linesOf,
    most: MOST_OCTETS,
    feed: async (octets) => {
      const body = Buffer.from(octets);
      orRefusal(HkpClientError, () => readIndex(body.toString()));
      const page = orRefusal(HkpClientError, () => readChanges(body.toString(), 0, 100));
      must(page === undefined || page.changes.length <= 100, 'no more changes than were asked for');
      await orLaterRefusal(HkpClientError, () => receivedCertificates(body, () => true));
    },
  };
}
