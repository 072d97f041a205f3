import { readableFacts } from './check-certificates.ts';
import type { CheckSession } from './check-session.ts';
import { fingerprintText } from './fingerprint-octets.ts';
import { ROWS_PER_CHECK_STEP } from './limits.ts';
import { certificateKey, factsKey, readIndexKey, tableRange, TABLES } from './row-layout.ts';
import { readTerm, splitTerms } from './term-octets.ts';

/** Each index row leads to a certificate that carries the term. */
export async function checkIndex(session: CheckSession): Promise<void> {
  for await (const keys of session.rows.scanKeys(tableRange(TABLES.index), ROWS_PER_CHECK_STEP)) {
    const entries = [];
    for (const key of keys) {
      const entry = readIndexKey(key);
      if (entry === undefined) foundUnknown(session, key);
      else entries.push({ key, ...entry });
    }
    session.indexEntries += entries.length;
    const facts = await session.rows.getMany(entries.map(({ fingerprint }) => factsKey(fingerprint)));
    const present = await session.rows.hasMany(entries.map(({ fingerprint }) => certificateKey(fingerprint)));
    for (const [index, { key, term, fingerprint }] of entries.entries()) {
      const its = readableFacts(facts[index]);
      // Without facts there is no telling what the certificate carries; that it has none is found already.
      if (its === undefined && present[index] === true) continue;
      if (its !== undefined && splitTerms(its.terms).some((carried) => carried.equals(term))) continue;
      foundOrphan(session, key, term, fingerprint);
    }
    await session.step(keys.length);
  }
}

function foundOrphan(session: CheckSession, key: Buffer, term: Buffer, fingerprint: Buffer): void {
  let its;
  try {
    its = readTerm(term);
  } catch {
    foundUnknown(session, key);
    return;
  }
  session.found({ kind: 'index-orphan', fingerprint: fingerprintText(fingerprint), term: its }, () => [
    { key },
  ]);
}

/** The index can be made again from the terms, so a row of it that makes no sense may go. */
function foundUnknown(session: CheckSession, key: Buffer): void {
  session.found({ kind: 'row-unknown', detail: key.subarray(0, 64).toString('hex') }, () => [{ key }]);
}
