/**
 * Certificates as key servers hold them: of all that people made in the last ten years, the kinds, the numbers of user
 * IDs, of subkeys and of certifications by others. What a certificate is depends on its index alone; its keys are new.
 */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { ed25519Primary, p256Primary, rsaPrimary, writeCertificate } from './certificate-writer.mjs';

/** The kinds of keys, with their share. */
const KINDS = /** @type {const} */ ([
  { kind: 'ed25519', share: 0.43 },
  { kind: 'rsa4096', share: 0.26 },
  { kind: 'rsa2048', share: 0.15 },
  { kind: 'p256', share: 0.16 },
]);

/** User IDs, with their share. */
const USER_IDS = [
  { count: 1, share: 0.7 },
  { count: 2, share: 0.2 },
  { count: 3, share: 0.1 },
];

const SECOND_SUBKEY_SHARE = 0.2;
const CERTIFIED_SHARE = 0.2;
const MOST_CERTIFIERS = 8;

/** A modulus is in many keys: making a pair of 4096 bits takes a second. */
const RSA_PAIRS = 6;

/** The first key's creation time, and the seconds between two: a reused RSA pair must not repeat a time. */
const FIRST_CREATED = Date.UTC(2019, 0, 1) / 1000;
const STEP = 61;

/**
 * A number from 0 up to 1 that depends on the index and on what it is for.
 *
 * @param {number} index
 * @param {string} purpose
 */
function draw(index, purpose) {
  return createHash('sha256').update(`${purpose} ${index}`).digest().readUInt32BE(0) / 2 ** 32;
}

/**
 * @template {{ share: number }} Choice
 * @param {readonly [Choice, ...Choice[]] | readonly Choice[]} choices
 * @param {number} drawn
 */
function choose(choices, drawn) {
  let left = drawn;
  for (const choice of choices) {
    left -= choice.share;
    if (left < 0) return choice;
  }
  return choices[choices.length - 1];
}

/**
 * The addresses on a certificate, in the order of its user IDs.
 *
 * @param {number} index
 */
export function emailsOf(index) {
  const count = choose(USER_IDS, draw(index, 'user IDs'))?.count ?? 1;
  return Array.from({ length: count }, (_, at) =>
    at === 0 ? `person${index}@site${index % 97}.example.org` : `person${index}@work${at}.example.net`,
  );
}

/** @param {number} modulusLength */
function rsaPairs(modulusLength) {
  return Array.from({ length: RSA_PAIRS }, () => generateKeyPairSync('rsa', { modulusLength }));
}

/** @returns {(index: number) => { fingerprint: string, bytes: Buffer }} */
export function certificateMaker() {
  const pairs = { rsa2048: rsaPairs(2048), rsa4096: rsaPairs(4096) };
  const others = Array.from({ length: MOST_CERTIFIERS }, (_, at) => {
    const [pair] = pairs.rsa2048;
    return at % 2 === 0 && pair !== undefined
      ? rsaPrimary(FIRST_CREATED - 1 - at, pair, pair)
      : ed25519Primary(FIRST_CREATED);
  });

  /** @param {number} index @param {number} created */
  const primaryOf = (index, created) => {
    const kind = choose(KINDS, draw(index, 'kind'))?.kind ?? 'ed25519';
    if (kind === 'ed25519') return ed25519Primary(created);
    if (kind === 'p256') return p256Primary(created);
    const [pair, other] = [pairs[kind][index % RSA_PAIRS], pairs[kind][(index + 1) % RSA_PAIRS]];
    if (pair === undefined || other === undefined) throw new RangeError('no pair of this index');
    return rsaPrimary(created, pair, other);
  };

  return (index) => {
    const created = FIRST_CREATED + index * STEP;
    const primary = primaryOf(index, created);
    const certified = draw(index, 'certified') < CERTIFIED_SHARE;
    const bytes = writeCertificate(primary, created, {
      userIds: emailsOf(index).map((email) => `Person ${index} <${email}>`),
      subkeys: draw(index, 'subkeys') < SECOND_SUBKEY_SHARE ? 2 : 1,
      certifiers: certified
        ? others.slice(0, 1 + Math.floor(draw(index, 'certifiers') * MOST_CERTIFIERS))
        : [],
    });
    return { fingerprint: primary.fingerprint.toString('hex').toUpperCase(), bytes };
  };
}

/**
 * Writes a binary keyring of `size` certificates. 6,000 take some 20 seconds, most of it signatures by RSA-4096.
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
