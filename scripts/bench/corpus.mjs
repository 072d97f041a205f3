import { generateKeyPairSync } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { ed25519Primary, rsaPrimary, writeCertificate } from './certificate-writer.mjs';

/** Every fifth key is RSA: signing keys of container images are mostly younger than those of e-mail. */
const RSA_EVERY = 5;
const RSA_BITS = 2048;
const RSA_PAIRS = 8;

/** Every third key has a second user ID. */
const SECOND_USER_ID_EVERY = 3;

/** The first key's creation time, and the seconds between two: a reused RSA pair must not repeat a time. */
const FIRST_CREATED = Date.UTC(2019, 0, 1) / 1000;
const STEP = 61;

/** @param {number} index */
export const emailOf = (index) => `person${index}@site${index % 97}.example.org`;

/** @returns {(index: number) => { fingerprint: string, bytes: Buffer }} */
export function certificateMaker() {
  const pairs = Array.from({ length: RSA_PAIRS }, () =>
    generateKeyPairSync('rsa', { modulusLength: RSA_BITS }),
  );
  return (index) => {
    const created = FIRST_CREATED + index * STEP;
    const pair = pairs[Math.floor(index / RSA_EVERY) % RSA_PAIRS];
    const primary =
      index % RSA_EVERY === 0 && pair !== undefined ? rsaPrimary(created, pair) : ed25519Primary(created);
    const userIds = [`Person ${index} <${emailOf(index)}>`];
    if (index % SECOND_USER_ID_EVERY === 0) userIds.push(`Person ${index} (work) <work${index}@example.net>`);
    const bytes = writeCertificate(primary, created, userIds);
    return { fingerprint: primary.fingerprint.toString('hex').toUpperCase(), bytes };
  };
}

/**
 * Writes a binary keyring of `size` certificates.
 *
 * @param {string} file
 * @param {number} size
 * @returns {Promise<string[]>} their fingerprints, by index
 */
export async function writeCorpus(file, size) {
  const make = certificateMaker();
  const out = createWriteStream(file);
  const fingerprints = [];
  for (let index = 0; index < size; index += 1) {
    const { fingerprint, bytes } = make(index);
    fingerprints.push(fingerprint);
    if (!out.write(bytes)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
  return fingerprints;
}
