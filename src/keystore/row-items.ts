/* The rows of each table in turn, as what they mean. */
import { readDocument } from './document-row.ts';
import { fingerprintText } from './fingerprint-octets.ts';
import { heldOf, recordOf } from './held.ts';
import type { CertificateRecord, Change, Document, StoreItem, Tombstone } from './keystore.ts';
import { POSTINGS_PER_READ } from './limits.ts';
import { corrupt, factsKey, readChange, readLogKey, tableRange, TABLES } from './row-layout.ts';
import type { RowRange, RowReader } from './rows.ts';
import { readTombstone } from './tombstone-row.ts';

export async function* recordsIn(reader: RowReader): AsyncGenerator<CertificateRecord> {
  for await (const rows of reader.scan(tableRange(TABLES.certificate), POSTINGS_PER_READ)) {
    const facts = await reader.getMany(rows.map(([key]) => factsKey(key.subarray(1))));
    for (const [index, [key, value]] of rows.entries()) {
      const fingerprint = fingerprintText(key.subarray(1));
      const its = facts[index];
      if (its === undefined) throw corrupt(`The search terms of ${fingerprint} are missing.`);
      yield recordOf(fingerprint, heldOf(value, its));
    }
  }
}

/** The changes in a range of the log. */
export async function* changesIn(
  reader: RowReader,
  range: RowRange = tableRange(TABLES.log),
): AsyncGenerator<Change> {
  for await (const rows of reader.scan(range, POSTINGS_PER_READ)) {
    for (const [key, value] of rows) {
      const sequence = readLogKey(key);
      if (sequence === undefined) throw corrupt('A row of the change log has an impossible name.');
      const { fingerprintOctets: _, ...change } = readChange(sequence, value);
      yield change;
    }
  }
}

export async function* tombstonesIn(reader: RowReader): AsyncGenerator<Tombstone> {
  for await (const rows of reader.scan(tableRange(TABLES.tombstone), POSTINGS_PER_READ)) {
    for (const [key, value] of rows) yield readTombstone(key, value);
  }
}

/** The documents in a range of their table. */
export async function* documentsIn(
  reader: RowReader,
  range: RowRange = tableRange(TABLES.document),
): AsyncGenerator<Document> {
  for await (const rows of reader.scan(range, POSTINGS_PER_READ)) {
    for (const [key, value] of rows) yield readDocument(key, value);
  }
}

export async function* itemsIn(reader: RowReader): AsyncGenerator<StoreItem> {
  for await (const record of recordsIn(reader)) yield { type: 'certificate', record };
  for await (const tombstone of tombstonesIn(reader)) yield { type: 'tombstone', tombstone };
  for await (const document of documentsIn(reader)) yield { type: 'document', document };
  for await (const change of changesIn(reader)) yield { type: 'change', change };
}
