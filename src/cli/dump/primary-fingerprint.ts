import { fingerprintOf } from '../../openpgp/fingerprint.ts';
import { PUBLIC_KEY, readPacketHeader } from '../../openpgp/packet.ts';

/** The fingerprint a refused certificate would have, for the report; undefined when it has none. */
export function primaryFingerprint(certificate: Uint8Array): string | undefined {
  const header = readPacketHeader(certificate, 0);
  if (header?.tag !== PUBLIC_KEY) return undefined;
  const { headerLength, bodyLength } = header;
  const body = certificate.subarray(headerLength, headerLength + bodyLength);
  const version = body[0] ?? 0;
  return version >= 4 && version <= 6 ? fingerprintOf(version, body) : undefined;
}
