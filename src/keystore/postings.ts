import { KeystoreError } from './error.ts';
import { MAX_POSTINGS_PER_PAGE, POSTINGS_PER_READ, RARITY_SAMPLE } from './limits.ts';
import { indexKey, postingRange } from './row-layout.ts';
import type { RowReader } from './rows.ts';

export interface Intersection {
  /** Octets of terms, at least one, each once. */
  readonly terms: readonly Buffer[];
  /** Fingerprints up to and including this one are left out. */
  readonly after: Buffer | undefined;
  readonly count: number;
}

/**
 * The first `count` fingerprints that carry all the terms, in ascending order. Walks the rarest term and
 * asks for the others by point reads. Throws `TOO_BROAD` after `bound` certificates without a full answer.
 */
export async function carriersOfAll(
  rows: RowReader,
  { terms, after, count }: Intersection,
  bound: number = MAX_POSTINGS_PER_PAGE,
): Promise<Buffer[]> {
  const [only] = terms;
  if (only === undefined) return [];
  if (terms.length === 1) return firstCarriers(rows, only, after, count);
  const walked = await rarest(rows, terms, after);
  const others = terms.filter((term) => term !== walked);
  const found: Buffer[] = [];
  let seen = 0;
  for await (const keys of rows.scanKeys(postingRange(walked, after), POSTINGS_PER_READ)) {
    found.push(...(await carrying(rows, others, keys.map(carrierIn(walked)))));
    if (found.length >= count) return found.slice(0, count);
    seen += keys.length;
    if (seen >= bound) throw tooBroad(bound);
  }
  return found;
}

async function firstCarriers(
  rows: RowReader,
  term: Buffer,
  after: Buffer | undefined,
  count: number,
): Promise<Buffer[]> {
  const found: Buffer[] = [];
  const range = { ...postingRange(term, after), limit: count };
  for await (const keys of rows.scanKeys(range, Math.min(count, POSTINGS_PER_READ))) {
    found.push(...keys.map(carrierIn(term)));
    if (found.length >= count) break;
  }
  return found;
}

/**
 * Fingerprints are digests, spread evenly: of two terms with equally many postings read, the one whose last
 * fingerprint is greater has the fewer certificates in all.
 */
async function rarest(rows: RowReader, terms: readonly Buffer[], after: Buffer | undefined): Promise<Buffer> {
  const samples = await Promise.all(
    terms.map(async (term) => ({ term, carriers: await firstCarriers(rows, term, after, RARITY_SAMPLE) })),
  );
  const [best] = samples.toSorted((a, b) => {
    const [lastOfA, lastOfB] = [a.carriers.at(-1), b.carriers.at(-1)];
    if (a.carriers.length !== b.carriers.length || lastOfA === undefined || lastOfB === undefined) {
      return a.carriers.length - b.carriers.length;
    }
    return Buffer.compare(lastOfB, lastOfA);
  });
  if (best === undefined) throw new RangeError('rarest of no terms');
  return best.term;
}

/** Those of the fingerprints that carry all the terms, in the same order. */
async function carrying(
  rows: RowReader,
  terms: readonly Buffer[],
  fingerprints: Buffer[],
): Promise<Buffer[]> {
  let left = fingerprints;
  for (const term of terms) {
    if (left.length === 0) return left;
    const present = await rows.hasMany(left.map((fingerprint) => indexKey(term, fingerprint)));
    left = left.filter((_, index) => present[index] === true);
  }
  return left;
}

function carrierIn(term: Buffer): (key: Buffer) => Buffer {
  return (key) => key.subarray(1 + term.length);
}

function tooBroad(bound: number): KeystoreError {
  return new KeystoreError(
    'TOO_BROAD',
    `Each of these words is on more than ${bound} certificates. Search for an e-mail address or a fingerprint.`,
  );
}
