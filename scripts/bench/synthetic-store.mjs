/**
 * Stores of any size in little time: some certificates of the corpus again and again, each time with another time of
 * creation, which makes another fingerprint. No signature is good, so they are written past all checks; lookups by
 * fingerprint do not look at signatures.
 */
import { access, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { certificateMaker } from './corpus.mjs';
import { forEachAtOnce } from '../crash/keystore-client.mjs';

const PATTERNS = 200;

/** Writes that are under way together. */
const AT_ONCE = 512;

/** Of the first; the next is a second younger, as several patterns have the same RSA key. */
const FIRST_CREATED = Date.UTC(2015, 0, 1) / 1000;

/**
 * @param {string} folder
 * @param {number} size
 * @returns {Promise<{ data: string, paths: { fingerprint: string, email: string } }>} `paths` of lookups by
 *   fingerprint; of none by e-mail.
 */
export async function syntheticStore(folder, size) {
  const home = path.join(folder, `synthetic-${size}`);
  const data = path.join(home, 'data');
  const list = path.join(home, 'by-fingerprint');
  const complete = path.join(home, 'complete');
  const ready = { data, paths: { fingerprint: list, email: '' } };
  const exists = await access(complete).then(
    () => true,
    () => false,
  );
  if (exists) return ready;
  await rm(home, { recursive: true, force: true });
  await mkdir(home, { recursive: true });
  const fingerprints = await fill(path.join(data, 'keystore'), size);
  await writeFile(
    list,
    fingerprints.map((one) => `/pks/lookup?op=get&options=mr&search=0x${one}\n`).join(''),
  );
  await writeFile(complete, '');
  return ready;
}

/**
 * @param {string} folder
 * @param {number} size
 */
async function fill(folder, size) {
  const { openStore } = await import('../../build/server/open-store.js');
  const { recordOf } = await import('../../build/hkp/terms.js');
  const { parseCertificate } = await import('../../build/openpgp/certificate.js');
  const make = certificateMaker();
  const patterns = Array.from({ length: PATTERNS }, (_, index) => make(index).bytes);
  const store = await openStore(folder, { now: Date.now, create: true });
  /** @type {string[]} */
  const fingerprints = [];
  try {
    await forEachAtOnce(Array.from({ length: size }).keys(), AT_ONCE, async (index) => {
      const bytes = Buffer.from(patterns[index % PATTERNS] ?? Buffer.alloc(0));
      // Behind the tag, the length in one octet or two, and the version.
      bytes.writeUInt32BE(FIRST_CREATED + index, (bytes[1] ?? 0) < 192 ? 3 : 4);
      const record = recordOf(parseCertificate(bytes));
      fingerprints.push(record.fingerprint);
      await store.keystore.update(record.fingerprint, () => record);
    });
    // As a large load and the job of the week leave a store.
    await store.compact();
  } finally {
    await store.keystore.close();
  }
  return fingerprints;
}
