import { generateKey, readKey } from 'openpgp';

/**
 * @typedef {{ fingerprint: string, keyId: string, armor: string, secretArmor: string }} MadeKey
 *   Fingerprint and key ID in upper-case hexadecimal.
 */

/**
 * Makes an Ed25519 key of version 4 in the form every client reads.
 *
 * @param {string} email
 * @param {{ date?: Date, name?: string }} [options]
 * @returns {Promise<MadeKey>}
 */
export async function newKey(email, { date, name = 'Interop' } = {}) {
  const { publicKey, privateKey } = await generateKey({
    type: 'ecc',
    curve: 'ed25519Legacy',
    userIDs: [{ name, email }],
    ...(date === undefined ? {} : { date }),
  });
  const key = await readKey({ armoredKey: publicKey });
  return {
    fingerprint: key.getFingerprint().toUpperCase(),
    keyId: key.getKeyID().toHex().toUpperCase(),
    armor: publicKey,
    secretArmor: privateKey,
  };
}

/**
 * A key whose key ID begins with a zero: one in sixteen.
 *
 * @param {string} email
 */
export async function newKeyWithLeadingZero(email) {
  for (let count = 0; count < 2_000; count += 1) {
    const key = await newKey(email);
    if (key.keyId.startsWith('0')) return key;
  }
  throw new Error('no key ID with a leading zero in 2000 keys');
}
