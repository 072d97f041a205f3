/*
 * The one place that asks openpgp.js whether a signature is good: the judge of everything that counts for an
 * image (`verifier.ts`). It judges the mathematics and nothing else: what is hashed is assembled here from the
 * octets as they came (openpgp.js would write its own version of them, which differs for many real keys), and
 * what a valid signature means is decided elsewhere.
 */
import { config as defaults, PublicKeyPacket, SignaturePacket } from 'openpgp';

import { OpenPgpError } from './error.ts';
import { reduceSignature } from './framing.ts';
import { digest } from './hash-algorithm.ts';
import type { PublicKey } from './public-key.ts';
import { hashInput } from './subject.ts';
import type { Verifier } from './verifier.ts';

/**
 * Storing decides nothing about trust: old digests are verified like others. Short keys and odd curves are
 * refused by layers of openpgp.js above this one only.
 */
const LENIENT: typeof defaults = {
  ...defaults,
  rejectHashAlgorithms: new Set(),
  rejectMessageHashAlgorithms: new Set(),
};

const keys = new WeakMap<PublicKey, Promise<PublicKeyPacket>>();

/**
 * True when `key` made `signature` over `subject`. False for everything else, a malformed or unsupported
 * key or signature included. Expiry, issuer and criticality are not looked at.
 */
export const judgeSignature: Verifier = async (signature, key, subject) => {
  // RFC 9580 §5.2.3: a version 6 key makes version 6 signatures, an earlier one earlier ones.
  if ((signature.version === 6) !== (key.version === 6)) return false;
  try {
    const packet = new SignaturePacket();
    // What anybody may have put into the unhashed area must not keep it from being read.
    packet.read(reduceSignature(signature, () => undefined).packet.body);
    const keyPacket = await readKey(key);
    const input = hashInput(signature, subject);
    Object.assign(packet, {
      toHash: () => input,
      ...(needsDigest(key) && { hashed: digest(signature.hash, input) }),
      issuerKeyID: keyPacket.getKeyID(),
      unknownSubpackets: [],
      rawNotations: [],
      revocationKeyClass: null,
    });
    await packet.verify(keyPacket, signature.type, new Uint8Array(), ANY_TIME, false, LENIENT);
    return true;
  } catch {
    // openpgp.js has no codes and throws for bad and for unsupported alike; both mean: not verified.
    return false;
  }
};

/**
 * For curves that WebCrypto lacks (brainpool, secp256k1) openpgp.js asks for a module that it does not bring
 * along; given the digest instead of the data, it uses its own implementation.
 */
function needsDigest({ algorithm: { number, curve } }: PublicKey): boolean {
  return number === ECDSA && curve !== undefined && !curve.startsWith('nist');
}

const ECDSA = 19;

/** openpgp.js leaves the times alone when it is given null; its types do not say so. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
const ANY_TIME = null as unknown as Date;

function readKey(key: PublicKey): Promise<PublicKeyPacket> {
  let packet = keys.get(key);
  if (packet === undefined) {
    packet = read(key);
    keys.set(key, packet);
  }
  return packet;
}

async function read(key: PublicKey): Promise<PublicKeyPacket> {
  const packet = new PublicKeyPacket();
  await packet.read(key.packet.body);
  const { publicParams: params } = packet;
  // RFC 8017 §3.1 wants 3 at least: with the exponent 1 anybody can make a signature.
  if ('e' in params && params.e instanceof Uint8Array && isOne(params.e)) {
    throw new OpenPgpError('UNSUPPORTED_KEY', 'an RSA key with the exponent 1');
  }
  return packet;
}

function isOne(integer: Uint8Array): boolean {
  return integer.every((octet, i) => octet === (i === integer.length - 1 ? 1 : 0));
}
