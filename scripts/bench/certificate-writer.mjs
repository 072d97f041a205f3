/**
 * Writes valid version 4 certificates with node:crypto, some twenty times faster than openpgp.js makes them: a primary
 * key, user IDs with positive certifications, encryption subkeys, certifications by others. RFC 9580 §4.2, §5.2.3,
 * §5.5.2.
 */
import { createHash, generateKeyPairSync, sign } from 'node:crypto';

/** The object identifiers that all of today's programs read (RFC 9580 §9.2, the legacy ones for Curve25519). */
const OIDS = {
  ed25519: Buffer.from('2b06010401da470f01', 'hex'),
  x25519: Buffer.from('2b060104019755010501', 'hex'),
  p256: Buffer.from('2a8648ce3d030107', 'hex'),
};
const ALGORITHM = { rsa: 1, ecdh: 18, ecdsa: 19, eddsa: 22 };
const SHA256 = 8;
const AES128 = 7;
const AES256 = 9;
const GENERIC_CERTIFICATION = 0x10;
const POSITIVE_CERTIFICATION = 0x13;
const SUBKEY_BINDING = 0x18;

/** Subpackets with the key flags. */
const MAY_CERTIFY_AND_SIGN = Buffer.from([2, 27, 0x03]);
const MAY_ENCRYPT = Buffer.from([2, 27, 0x0c]);

/** What GnuPG adds for a user ID: preferred ciphers, digests and compressions, features, "no-modify". */
const PREFERENCES = Buffer.from(
  [
    [5, 11, 9, 8, 7, 2],
    [5, 21, 10, 9, 8, 2],
    [4, 22, 2, 3, 1],
    [2, 30, 1],
    [2, 23, 0x80],
  ].flat(),
);

/**
 * @typedef {import('node:crypto').KeyPairKeyObjectResult} KeyPair
 * @typedef {object} Primary A key that signs.
 * @property {Buffer} body
 * @property {Buffer} fingerprint
 * @property {(data: Buffer) => Buffer} sign The integers of a signature.
 * @property {(created: number) => Buffer} subkey The body of an encryption subkey of the same kind.
 * @typedef {{ userIds: readonly string[], subkeys?: number, certifiers?: readonly Primary[] }} Parts
 *   `certifiers` certify every user ID.
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

/** @param {Buffer} octets */
const counted = (octets) => Buffer.concat([Buffer.from([octets.length]), octets]);

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

/**
 * @param {Buffer} body
 * @param {Pick<Primary, 'sign' | 'subkey'>} rest
 * @returns {Primary}
 */
function primary(body, rest) {
  return { body, fingerprint: createHash('sha1').update(framed(body)).digest(), ...rest };
}

/**
 * The numbers of an RSA key.
 *
 * @param {import('node:crypto').KeyObject} publicKey
 */
function numbersOf(publicKey) {
  const { n, e } = publicKey.export({ format: 'jwk' });
  return [n, e].map((number) => Buffer.from(String(number), 'base64url'));
}

/**
 * The coordinates of a point, at the end of its SPKI. Not out of a JWK: Node 20 waits for ever when it makes one of a
 * new key just when the garbage of that key's making is collected, about once in ten thousand keys.
 *
 * @param {import('node:crypto').KeyObject} publicKey
 * @param {number} octets
 */
function pointOf(publicKey, octets) {
  return publicKey.export({ format: 'der', type: 'spki' }).subarray(-octets);
}

/**
 * Ed25519 with subkeys of X25519.
 *
 * @param {number} created seconds since 1970
 */
export function ed25519Primary(created) {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  /** @param {Buffer} oid @param {import('node:crypto').KeyObject} key */
  const material = (oid, key) => [
    counted(oid),
    mpi(Buffer.concat([Buffer.from([0x40]), pointOf(key, 32)])),
  ];
  const body = keyBody(created, ALGORITHM.eddsa, material(OIDS.ed25519, publicKey));
  return primary(body, {
    sign: (data) => {
      const signed = sign(null, createHash('sha256').update(data).digest(), privateKey);
      return Buffer.concat([mpi(signed.subarray(0, 32)), mpi(signed.subarray(32))]);
    },
    subkey: (time) => {
      const point = material(OIDS.x25519, generateKeyPairSync('x25519').publicKey);
      return keyBody(time, ALGORITHM.ecdh, [...point, Buffer.from([3, 1, SHA256, AES256])]);
    },
  });
}

/**
 * NIST P-256 throughout.
 *
 * @param {number} created
 */
export function p256Primary(created) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  /** @param {import('node:crypto').KeyObject} key */
  const material = (key) => [
    counted(OIDS.p256),
    mpi(Buffer.concat([Buffer.from([0x04]), pointOf(key, 64)])),
  ];
  return primary(keyBody(created, ALGORITHM.ecdsa, material(publicKey)), {
    sign: (data) => {
      const signed = sign('sha256', data, { key: privateKey, dsaEncoding: 'ieee-p1363' });
      return Buffer.concat([mpi(signed.subarray(0, 32)), mpi(signed.subarray(32))]);
    },
    subkey: (time) => {
      const point = material(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey);
      return keyBody(time, ALGORITHM.ecdh, [...point, Buffer.from([3, 1, SHA256, AES128])]);
    },
  });
}

/**
 * RSA from key pairs made before, as making one takes a second: another creation time makes another key of it.
 *
 * @param {number} created
 * @param {KeyPair} pair
 * @param {KeyPair} subkeyPair
 */
export function rsaPrimary(created, { publicKey, privateKey }, subkeyPair) {
  /** @param {number} time @param {import('node:crypto').KeyObject} key */
  const bodyOf = (time, key) => keyBody(time, ALGORITHM.rsa, numbersOf(key).map(mpi));
  return primary(bodyOf(created, publicKey), {
    sign: (data) => mpi(sign('sha256', data, privateKey)),
    subkey: (time) => bodyOf(time, subkeyPair.publicKey),
  });
}

/**
 * @param {Primary} signer
 * @param {number} type
 * @param {readonly Buffer[]} subjects what is signed
 * @param {number} created
 * @param {readonly Buffer[]} said more subpackets
 */
function signature(signer, type, subjects, created, said) {
  const hashedArea = Buffer.concat([
    Buffer.from([22, 33, 4]),
    signer.fingerprint,
    Buffer.from([5, 2]),
    u32(created),
    ...said,
  ]);
  const algorithm = signer.body[5] ?? 0;
  const head = Buffer.from([4, type, algorithm, SHA256]);
  const hashed = Buffer.concat([head, u16(hashedArea.length), hashedArea]);
  const trailer = Buffer.concat([Buffer.from([4, 0xff]), u32(hashed.length)]);
  const data = Buffer.concat([...subjects, hashed, trailer]);
  const issuer = Buffer.concat([Buffer.from([9, 16]), signer.fingerprint.subarray(12)]);
  const left16 = createHash('sha256').update(data).digest().subarray(0, 2);
  return packet(2, Buffer.concat([hashed, u16(issuer.length), issuer, left16, signer.sign(data)]));
}

/**
 * @param {Primary} key
 * @param {number} created of its signatures
 * @param {Parts} parts
 */
export function writeCertificate(key, created, { userIds, subkeys = 1, certifiers = [] }) {
  const own = framed(key.body);
  const packets = [packet(6, key.body)];
  for (const text of userIds) {
    const octets = Buffer.from(text);
    const subjects = [own, Buffer.concat([Buffer.from([0xb4]), u32(octets.length), octets])];
    packets.push(
      packet(13, octets),
      signature(key, POSITIVE_CERTIFICATION, subjects, created, [MAY_CERTIFY_AND_SIGN, PREFERENCES]),
      ...certifiers.map((other) => signature(other, GENERIC_CERTIFICATION, subjects, created, [])),
    );
  }
  for (let count = 0; count < subkeys; count += 1) {
    const subkey = key.subkey(created + count);
    packets.push(
      packet(14, subkey),
      signature(key, SUBKEY_BINDING, [own, framed(subkey)], created + count, [MAY_ENCRYPT]),
    );
  }
  return Buffer.concat(packets);
}
