import { createHash } from 'node:crypto';

import { compareBytes, concatBytes } from '../bytes/compare.ts';
import { packetsOf } from './certificate.ts';
import type { Certificate } from './certificate.ts';

/**
 * The name of a certificate among SKS and Hockeypuck servers (op=hget, /pks/hashquery): MD5 over its
 * packets sorted by type and content, each as type and length in four octets and the body; 32 lower-case
 * hexadecimal digits. It identifies; it protects nothing.
 */
export function sksDigest(certificate: Certificate): string {
  const sorted = packetsOf(certificate).toSorted((a, b) => a.tag - b.tag || compareBytes(a.body, b.body));
  const parts = sorted.flatMap(({ tag, body }) => {
    const prefix = Buffer.alloc(8);
    prefix.writeUInt32BE(tag, 0);
    prefix.writeUInt32BE(body.length, 4);
    return [prefix, body];
  });
  // Two calls for each packet would take longer than the digest itself.
  return createHash('md5').update(concatBytes(parts)).digest('hex');
}
