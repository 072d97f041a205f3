import { armor } from '../../src/openpgp/armor.ts';
import { TEXT } from '../../src/openpgp/signature.ts';
import type { TestKey } from '../fixtures/test-key.ts';
import { NOW } from './harness.ts';

/** A cleartext-signed message; `created` in seconds. */
export function clearsign(text: string, key: TestKey, created: number = NOW): string {
  const octets = Buffer.from(text.replaceAll('\n', '\r\n'));
  const signature = key.sign(TEXT, octets, { created });
  return `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n${text}\n${armor(signature.raw, 'SIGNATURE')}`;
}
