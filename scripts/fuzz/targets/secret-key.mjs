import { OpenPgpError } from '../../../build/openpgp/error.js';
import { readSecretKeys } from '../../../build/openpgp/secret-key.js';
import { dearmor } from '../../../build/openpgp/armor.js';
import { signedImages } from '../material.mjs';
import { packetsIn } from '../packets-in.mjs';
import { MOST_OCTETS, orLaterRefusal, orRefusal } from '../target.mjs';

/** @returns {Promise<import('../target.mjs').Target>} */
export async function open() {
  const { secret } = await signedImages();
  const blocks = orRefusal(OpenPgpError, () => dearmor(secret)) ?? [{ data: secret }];
  return {
    seeds: blocks.map(({ data }) => data),
    words: [Buffer.of(254, 9, 3), Buffer.of(255), Buffer.of(253), Buffer.of(0), Buffer.from('GNU\u0001')],
    pieces: packetsIn,
    most: MOST_OCTETS,
    feed: async (octets) => {
      const ring = await orLaterRefusal(OpenPgpError, () => readSecretKeys(octets));
      // A wrong passphrase, so that what protects the key is looked at and the key is not used.
      for (const key of ring?.keys ?? []) await orLaterRefusal(OpenPgpError, () => key.unlock('no'));
    },
  };
}
