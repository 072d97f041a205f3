import { readyAnswer } from '../http/ready-answer.ts';
import type { Term } from '../keystore/keystore.ts';
import { armorOctets } from '../openpgp/armor.ts';
import { HkpError } from './error.ts';
import {
  everyVersion,
  findVisible,
  legacyOnly,
  loadCertificates,
  termsTried,
  type HeldCertificate,
  type Visible,
} from './find.ts';
import { MAX_CERTIFICATES_PER_GET } from './limits.ts';
import type { Parameters } from './parameters.ts';
import { questionKey, type MadeAnswer, type Question } from './ready-answers.ts';
import { parseSearch, termsOf, type Search } from './search.ts';
import type { HkpService } from './service.ts';

/**
 * `op=get`: one armor block, whatever `options` and `Accept` say, or with `options=bin` the same in binary
 * (draft-ietf-openpgp-hkp). Most clients fail on more than one certificate, so more than one is given only
 * where the client can tell them apart:
 *
 * - a fingerprint or 64-bit key ID gives every certificate that has it, as primary key or subkey: clients
 *   that verify use the ones that fit, and twins of an ID cannot be told apart here;
 * - an 8-digit key ID must be the only one: twins of it are easily made, and `singularity key pull` would
 *   store what it was given;
 * - an e-mail address or a whole user ID gives all its certificates: gpg and sq choose;
 * - other text must have one match.
 */
export function getQuestion(service: HkpService, parameters: Parameters): Question {
  const binary = parameters.options.has('bin');
  const exact = parameters.isOn('exact');
  const searches = parseSearch(parameters.raw('search'));
  const asked: Asked = { binary, visible: binary ? everyVersion : legacyOnly };
  return {
    key: questionKey('get', [binary, exact], searches),
    make: async () => answerGet(asked, await choose(service, readingsOf(searches, exact), asked.visible)),
  };
}

interface Asked {
  readonly binary: boolean;
  readonly visible: Visible;
}

function answerGet({ binary }: Asked, { first, certificates, terms }: Chosen): MadeAnswer {
  const bytes =
    certificates.length === 1 ? first.bytes : Buffer.concat(certificates.map(({ bytes: own }) => own));
  // The name is made of hexadecimal digits only; user IDs stay out of headers.
  const disposition = ['attachment; filename="', first.fingerprint, binary ? '.pgp"' : '.asc"'].join('');
  const type = binary ? 'application/pgp' : 'application/pgp-keys';
  const answer = readyAnswer(type, binary ? viewed(bytes) : armorOctets(bytes), [
    'Content-Disposition',
    disposition,
  ]);
  return { answer, terms, from: 0, until: Infinity };
}

/** The same octets; nobody writes them. */
function viewed({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function noMatch(): HkpError {
  return new HkpError('NO_MATCH', 'no certificate that matches is held here');
}

/** A search, and whether its text is a whole user ID. */
interface Reading {
  readonly search: Search;
  readonly whole: boolean;
  readonly terms: readonly Term[];
}

/** In the order in which they are tried: a text is taken as a whole user ID before it is taken as words. */
function readingsOf(searches: readonly Search[], exact: boolean): Reading[] {
  const readings: Reading[] = [];
  for (const search of searches) {
    for (const whole of search.kind === 'text' && !exact ? [true, false] : [exact]) {
      readings.push({ search, whole, terms: termsOf(search, whole) });
    }
  }
  return readings;
}

interface Chosen {
  readonly first: HeldCertificate;
  readonly certificates: readonly HeldCertificate[];
  /** What the choice depends on. */
  readonly terms: readonly Term[];
}

async function choose(service: HkpService, readings: readonly Reading[], visible: Visible): Promise<Chosen> {
  let hidden = 0;
  const tried: (readonly Term[])[] = [];
  for (const reading of readings) {
    tried.push(reading.terms);
    const found = await find(service, reading, visible);
    const [first] = found.certificates;
    if (first !== undefined) {
      return { first, certificates: certain(reading, found.certificates), terms: termsTried(tried) };
    }
    hidden += found.hidden;
  }
  if (hidden === 0) throw noMatch();
  throw new HkpError(
    'NOT_IN_LEGACY',
    'this is a version 6 certificate; get it from /pks/v2/certs/by-vfingerprint or with options=bin',
  );
}

interface Matches {
  readonly certificates: readonly HeldCertificate[];
  /** How many were passed over because they are not visible. */
  readonly hidden: number;
}

async function find(
  { keystore }: HkpService,
  { search, terms }: Reading,
  visible: Visible,
): Promise<Matches> {
  // A primary key's own fingerprint names one certificate, also when another holds it as a subkey.
  const own = search.kind === 'fingerprint' ? await loadCertificates(keystore, [search.value]) : [];
  if (own.length > 0) {
    return visible(search.value) ? { certificates: own, hidden: 0 } : { certificates: [], hidden: 1 };
  }
  const page = { limit: MAX_CERTIFICATES_PER_GET + 1 };
  const { fingerprints, hidden } = await findVisible(keystore, terms, page, visible);
  return { certificates: await loadCertificates(keystore, fingerprints), hidden };
}

function certain<T>({ search, whole }: Reading, matches: readonly T[]): readonly T[] {
  const single = search.kind === 'short' || (search.kind === 'text' && !whole);
  if (matches.length > (single ? 1 : MAX_CERTIFICATES_PER_GET)) {
    const what = search.kind === 'short' ? 'this 32-bit key ID' : 'this search';
    throw new HkpError(
      'AMBIGUOUS',
      `${what} is ambiguous: several certificates match; use the whole fingerprint (op=index lists them)`,
    );
  }
  return matches;
}
