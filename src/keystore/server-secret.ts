import { randomBytes } from 'node:crypto';
import type { Keystore } from './keystore.ts';
import { KeystoreError } from './error.ts';

/** The kind of document that secrets of a server are kept as. They are in its backups, too. */
export const SECRET_KIND = 'secret';

const SECRET_OCTETS = 32;

/** What only the servers on this store know: made once for each purpose, and kept. Throws `CORRUPT`. */
export async function serverSecret(keystore: Keystore, purpose: string): Promise<Buffer> {
  for (;;) {
    const document = await keystore.document(SECRET_KIND, purpose);
    if (document !== undefined) return readSecret(document.value);
    const made = randomBytes(SECRET_OCTETS);
    // Lost against another request that made one: read that.
    if (await keystore.putDocument(SECRET_KIND, purpose, made.toString('hex'), 0)) return made;
  }
}

function readSecret(value: unknown): Buffer {
  if (typeof value !== 'string' || !/^[0-9a-f]{64}$/.test(value)) {
    throw new KeystoreError('CORRUPT', 'A secret of this server cannot be read.');
  }
  return Buffer.from(value, 'hex');
}
