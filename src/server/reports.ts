/* What jobs found out and "status" tells, kept as documents. */
import type { Keystore } from '../keystore/keystore.ts';

const KIND = 'report';

export async function writeReport(keystore: Keystore, name: string, value: unknown): Promise<void> {
  const held = await keystore.document(KIND, name);
  await keystore.putDocument(KIND, name, value, held?.version ?? 0);
}

/** Undefined when there is none yet. */
export async function readReport(keystore: Keystore, name: string): Promise<unknown> {
  return (await keystore.document(KIND, name))?.value;
}
