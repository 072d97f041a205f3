import { createHash } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** Names of RFC 5656 §6.1 by those of OpenSSL. */
const CURVES: Readonly<Record<string, string>> = {
  prime256v1: 'nistp256',
  secp384r1: 'nistp384',
  secp521r1: 'nistp521',
};

/**
 * The ID of a public key in DSSE envelopes: `SHA256:` and the unpadded base64 of the SHA-256 of its SSH wire
 * encoding (RFC 4253 §6.6, RFC 5656 §3.1, RFC 8709 §4), as `ssh-keygen -l` prints it. Undefined for keys
 * other than Ed25519, RSA and ECDSA on the NIST curves.
 */
export function sshKeyId(key: KeyObject): string | undefined {
  const fields = wireFields(key);
  if (fields === undefined) return undefined;
  const wire = Buffer.concat(fields.flatMap((field) => [uint32(field.length), field]));
  return `SHA256:${createHash('sha256').update(wire).digest('base64').replace(/=+$/, '')}`;
}

function wireFields(key: KeyObject): Buffer[] | undefined {
  const kind = key.asymmetricKeyType;
  if (kind === 'ed25519') return [Buffer.from('ssh-ed25519'), jwkField(key, 'x')];
  if (kind === 'rsa') return [Buffer.from('ssh-rsa'), mpint(jwkField(key, 'e')), mpint(jwkField(key, 'n'))];
  return kind === 'ec' ? curveFields(key) : undefined;
}

function curveFields(key: KeyObject): Buffer[] | undefined {
  const curve = CURVES[key.asymmetricKeyDetails?.namedCurve ?? ''];
  if (curve === undefined) return undefined;
  const point = Buffer.concat([Buffer.of(0x04), jwkField(key, 'x'), jwkField(key, 'y')]);
  return [Buffer.from(`ecdsa-sha2-${curve}`), Buffer.from(curve), point];
}

function jwkField(key: KeyObject, name: 'x' | 'y' | 'n' | 'e'): Buffer {
  return Buffer.from(key.export({ format: 'jwk' })[name] ?? '', 'base64url');
}

/** A positive integer (RFC 4251 §5): no needless zeros, but one where the first bit would be a sign. */
function mpint(octets: Buffer): Buffer {
  const first = octets.findIndex((octet) => octet !== 0);
  const value = first < 0 ? Buffer.alloc(0) : octets.subarray(first);
  return (value[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), value]) : value;
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value);
  return buffer;
}
