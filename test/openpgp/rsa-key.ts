/* RSA keys with any numbers in them, and primes to make them of. */
import { generatePrimeSync } from 'node:crypto';

import { parseCertificate } from '../../src/openpgp/certificate.ts';
import type { Certificate } from '../../src/openpgp/certificate.ts';
import { framePacket, PUBLIC_KEY, PUBLIC_SUBKEY } from '../../src/openpgp/packet.ts';
import type { Packet } from '../../src/openpgp/packet.ts';
import { readPublicKey } from '../../src/openpgp/public-key.ts';
import type { PublicKey } from '../../src/openpgp/public-key.ts';
import { EPOCH, keyring } from '../fixtures/test-key.ts';
import { mpi, uint } from './any-signer.ts';

const octets = (integer: bigint): Buffer => {
  const hex = integer.toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
};

export interface KeyNumbers {
  exponent?: bigint;
  version?: 4 | 6;
  subkey?: boolean;
  /** Public-key algorithm ID; 1 is RSA. */
  algorithm?: number;
}

/** A key packet with these numbers, whatever they are. */
export function keyWith(
  modulus: bigint,
  { exponent = 65_537n, version = 4, subkey = false, algorithm = 1 }: KeyNumbers = {},
): PublicKey {
  const material = Buffer.concat([mpi(octets(modulus)), mpi(octets(exponent))]);
  const body = Buffer.concat([
    Buffer.of(version),
    uint(EPOCH, 4),
    Buffer.of(algorithm),
    version === 6 ? uint(material.length, 4) : Buffer.alloc(0),
    material,
  ]);
  const framing = { legacy: false, lengthOctets: 1 };
  return readPublicKey(framePacket(subkey ? PUBLIC_SUBKEY : PUBLIC_KEY, body, framing));
}

/** Packets as a certificate; nothing is verified. */
export function certificateOf(...packets: Packet[]): Certificate {
  return parseCertificate(keyring(...packets));
}

/** Different primes of so many bits. */
export function primes(count: number, bits: number): bigint[] {
  const found = new Set<bigint>();
  while (found.size < count) found.add(generatePrimeSync(bits, { bigint: true }));
  return [...found];
}

/** A good modulus of 2048 bits. */
export function goodModulus(): bigint {
  return primes(2, 1024).reduce((product, prime) => product * prime, 1n);
}
