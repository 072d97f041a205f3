import { hash } from 'node:crypto';

import { compareBytes } from '../bytes/compare.ts';
import { packetsOf } from './certificate.ts';
import type { Certificate } from './certificate.ts';

/** Type and length of a packet, in four octets each. */
const PREFIX = 8;

/**
 * The name of a certificate among SKS and Hockeypuck servers (op=hget, /pks/hashquery): MD5 over its
 * packets sorted by type and content, each as type and length in four octets and the body; 32 lower-case
 * hexadecimal digits. It identifies; it protects nothing.
 */
export function sksDigest(certificate: Certificate): string {
  const sorted = packetsOf(certificate).toSorted((a, b) => a.tag - b.tag || compareBytes(a.body, b.body));
  let length = 0;
  for (const { body } of sorted) length += PREFIX + body.length;
  const hashed = Buffer.allocUnsafe(length);
  let at = 0;
  for (const { tag, body } of sorted) {
    hashed.writeUInt32BE(tag, at);
    hashed.writeUInt32BE(body.length, at + 4);
    hashed.set(body, at + PREFIX);
    at += PREFIX + body.length;
  }
  return hash('md5', hashed, 'hex');
}
