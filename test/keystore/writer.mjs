/**
 * Writes to the keystore in a folder until it is killed or the disk is full: 16 updates at a time over 40
 * certificates, each of which counts its versions. Prints `FINGERPRINT VERSION` once an update is
 * acknowledged, and when a write fails one line of JSON with what the store answers after that.
 */
import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';

import { openLevelKeystore } from '../../build/keystore/level.js';

const AT_A_TIME = 16;
const CERTIFICATES = 40;
const FILLER = 'x'.repeat(1500);

const store = await openLevelKeystore(process.argv[2] ?? '', { now: Date.now });

/** @type {(n: number) => string} */
function fingerprint(n) {
  return createHash('sha1').update(`key ${n}`).digest('hex').toUpperCase();
}

/** @type {(name: string) => Promise<number>} */
async function writeNext(name) {
  let version = 0;
  await store.update(name, (held) => {
    const before = held === undefined ? 0 : Number(new TextDecoder().decode(held.bytes).split(' ')[0]);
    version = before + 1;
    return {
      fingerprint: name,
      bytes: new TextEncoder().encode(`${version} ${FILLER}`),
      terms: [
        { kind: 'word', value: 'all' },
        { kind: 'word', value: `version ${version}` },
      ],
    };
  });
  return version;
}

/** @type {(error: unknown) => string} */
function codeOf(error) {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

/** @type {(turn: number) => Promise<void>} */
async function writeOn(turn) {
  const name = fingerprint(turn % CERTIFICATES);
  const version = await writeNext(name);
  writeSync(1, `${name} ${version}\n`);
  return writeOn(turn + AT_A_TIME);
}

try {
  await Promise.all(Array.from({ length: AT_A_TIME }, (_, turn) => writeOn(turn)));
} catch (error) {
  const later = await writeNext(fingerprint(0)).catch(codeOf);
  const found = await store.find([{ kind: 'word', value: 'all' }], { limit: 2 * CERTIFICATES });
  const read = await Promise.all(found.fingerprints.map((name) => store.bytes(name)));
  const readable = read.filter((bytes) => bytes !== undefined).length;
  writeSync(1, `${JSON.stringify({ failed: codeOf(error), later, readable })}\n`);
  await store.close();
}
