import { createHash } from 'node:crypto';

import type { CheckSession } from './check-session.ts';
import { fingerprintText } from './fingerprint-octets.ts';
import { ROWS_PER_CHECK_STEP } from './limits.ts';
import {
  certificateKey,
  factsKey,
  INDEX_VALUE,
  indexKey,
  logKey,
  readChange,
  readFacts,
  tableRange,
  TABLES,
  writeFacts,
} from './row-layout.ts';
import type { Facts } from './row-layout.ts';
import type { RowWrite } from './rows.ts';
import { readTerm, splitTerms, termSet } from './term-octets.ts';

interface Stored {
  readonly octets: Buffer;
  readonly fingerprint: string;
  readonly bytes: Buffer;
}

/** Each certificate has readable facts, the right terms, all its index rows and its newest change. */
export async function checkCertificates(session: CheckSession): Promise<void> {
  const { rows } = session;
  for await (const step of rows.scan(tableRange(TABLES.certificate), ROWS_PER_CHECK_STEP)) {
    const facts = await rows.getMany(step.map(([key]) => factsKey(key.subarray(1))));
    for (const [index, [key, bytes]] of step.entries()) {
      const octets = key.subarray(1);
      if (octets.length !== 20 && octets.length !== 32) {
        session.found({ kind: 'row-unknown', detail: key.subarray(0, 64).toString('hex') });
        continue;
      }
      const stored: Stored = { octets, fingerprint: fingerprintText(octets), bytes };
      session.certificates += 1;
      const expected = await expectedTerms(session, stored);
      const its = readableFacts(facts[index]);
      if (its === undefined) foundWithoutFacts(session, stored, expected);
      else await checkFacts(session, stored, its, expected);
    }
    await session.step(step.length);
  }
}

/** No facts without a certificate. */
export async function checkFactsOrphans(session: CheckSession): Promise<void> {
  for await (const keys of session.rows.scanKeys(tableRange(TABLES.facts), ROWS_PER_CHECK_STEP)) {
    const present = await session.rows.hasMany(keys.map((key) => certificateKey(key.subarray(1))));
    for (const [index, key] of keys.entries()) {
      if (present[index] === true) continue;
      session.found({ kind: 'facts-orphan', fingerprint: fingerprintText(key.subarray(1)) }, () => [{ key }]);
    }
    await session.step(keys.length);
  }
}

/** Facts whose terms can be told apart and read; undefined for all else. */
export function readableFacts(value: Buffer | undefined): Facts | undefined {
  if (value === undefined) return undefined;
  try {
    const facts = readFacts(value);
    for (const term of splitTerms(facts.terms)) readTerm(term);
    return facts;
  } catch {
    return undefined;
  }
}

export function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

async function expectedTerms(session: CheckSession, stored: Stored): Promise<Buffer[] | undefined> {
  const { terms } = session.options;
  if (terms === undefined) return undefined;
  try {
    return termSet(await terms(stored.bytes, stored.fingerprint));
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    session.found({ kind: 'unreadable', fingerprint: stored.fingerprint, detail });
    return undefined;
  }
}

function foundWithoutFacts(session: CheckSession, stored: Stored, expected: Buffer[] | undefined): void {
  const { octets, fingerprint, bytes } = stored;
  const finding = { kind: 'facts-missing', fingerprint } as const;
  if (expected === undefined) {
    session.found(finding);
    return;
  }
  session.found(finding, () => [
    ...session.loggedAgain(octets, sha256(bytes), Buffer.concat(expected)),
    ...indexed(octets, expected),
  ]);
}

async function checkFacts(
  session: CheckSession,
  stored: Stored,
  facts: Facts,
  expected: Buffer[] | undefined,
): Promise<void> {
  const { octets, fingerprint } = stored;
  const held = splitTerms(facts.terms);
  const wanted = expected ?? held;
  const terms = Buffer.concat(wanted);
  if (!terms.equals(facts.terms)) {
    session.found({ kind: 'terms-stale', fingerprint }, () => [
      { key: factsKey(octets), value: writeFacts(facts.sequence, terms) },
      ...without(held, wanted).map((term) => ({ key: indexKey(term, octets) })),
      ...indexed(octets, without(wanted, held)),
    ]);
  }
  const lasting = wanted.filter((term) => held.some((other) => other.equals(term)));
  const present = await session.rows.hasMany(lasting.map((term) => indexKey(term, octets)));
  for (const [index, term] of lasting.entries()) {
    if (present[index] === true) continue;
    session.found({ kind: 'index-missing', fingerprint, term: readTerm(term) }, () =>
      indexed(octets, [term]),
    );
  }
  await checkNewestChange(session, stored, facts.sequence, terms);
}

async function checkNewestChange(
  session: CheckSession,
  stored: Stored,
  sequence: number,
  terms: Buffer,
): Promise<void> {
  const { octets, fingerprint, bytes } = stored;
  const change = readableChange(sequence, await session.rows.get(logKey(sequence)));
  const digest = sha256(bytes);
  if (change?.fingerprint !== fingerprint) {
    session.found({ kind: 'change-missing', fingerprint, sequence }, () =>
      session.loggedAgain(octets, digest, terms),
    );
  } else if (change.digest !== digest.toString('hex')) {
    session.found({ kind: 'digest-mismatch', fingerprint, sequence });
  }
}

function readableChange(
  sequence: number,
  value: Buffer | undefined,
): ReturnType<typeof readChange> | undefined {
  if (value === undefined) return undefined;
  try {
    return readChange(sequence, value);
  } catch {
    return undefined;
  }
}

function indexed(octets: Buffer, terms: readonly Buffer[]): RowWrite[] {
  return terms.map((term) => ({ key: indexKey(term, octets), value: INDEX_VALUE }));
}

function without(terms: readonly Buffer[], others: readonly Buffer[]): Buffer[] {
  return terms.filter((term) => !others.some((other) => other.equals(term)));
}
