/* A great many small certificates, made fast: what a store costs by their number, not by their contents. */
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { ed25519Primary, writeCertificate } from './certificate-writer.mjs';

/** A pair makes another key at another time, so that few pairs are enough. */
const PAIRS = 64;

/** @param {number} index */
export const emailOf = (index) => `person${index}@site${index % 97}.example.org`;

/** The first key's creation time, and the seconds between two, so that none repeats. */
const FIRST_CREATED = Date.UTC(2019, 0, 1) / 1000;
const STEP = 61;

/**
 * Writes a binary keyring of `size` certificates: Ed25519 with an encryption subkey and one user ID, which has the
 * word "Person" in common with all others.
 *
 * @param {string} file
 * @param {number} size
 * @returns {Promise<string[]>} their fingerprints, by index; `emailOf` gives their addresses
 */
export async function writeSmallCorpus(file, size) {
  const pairs = Array.from({ length: PAIRS }, () => ({
    primary: generateKeyPairSync('ed25519'),
    encryption: generateKeyPairSync('x25519'),
  }));
  const out = createWriteStream(file, { highWaterMark: 1024 * 1024 });
  const fingerprints = [];
  for (let index = 0; index < size; index += 1) {
    const pair = pairs[index % PAIRS];
    const created = FIRST_CREATED + index * STEP;
    const primary = ed25519Primary(created, pair?.primary, pair?.encryption);
    fingerprints.push(primary.fingerprint.toString('hex').toUpperCase());
    const bytes = writeCertificate(primary, created, { userIds: [`Person ${index} <${emailOf(index)}>`] });
    if (!out.write(bytes)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
  return fingerprints;
}
