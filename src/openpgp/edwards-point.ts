/*
 * Encoded points of edwards25519 and edwards448 (RFC 8032 §5.1.2, §5.2.2). Implementations differ in what they
 * make of the odd ones, and each may be right by the letter; nobody makes them by accident.
 */
export type EdwardsCurve = 'ed25519' | 'ed448';

interface Field {
  /** Octets of an encoded point. */
  readonly octets: number;
  readonly prime: bigint;
  /** The y of points whose order divides the cofactor (8 and 4): every signature by such a key looks alike. */
  readonly smallOrder: ReadonlySet<bigint>;
}

const P25519 = 2n ** 255n - 19n;
const P448 = 2n ** 448n - 2n ** 224n - 1n;
const Y_OF_ORDER_8 = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n;

const FIELDS: Readonly<Record<EdwardsCurve, Field>> = {
  ed25519: {
    octets: 32,
    prime: P25519,
    smallOrder: new Set([0n, 1n, P25519 - 1n, Y_OF_ORDER_8, P25519 - Y_OF_ORDER_8]),
  },
  ed448: { octets: 57, prime: P448, smallOrder: new Set([0n, 1n, P448 - 1n]) },
};

/** Octets of an encoded point, and of the scalar beside it in a signature. */
export function pointOctets(curve: EdwardsCurve): number {
  return FIELDS[curve].octets;
}

/**
 * True for the one right encoding of a y that no point of small order has. Whether there is a point with this y
 * is not looked at.
 */
export function isOrdinaryPoint(curve: EdwardsCurve, encoded: Uint8Array): boolean {
  const { octets, prime, smallOrder } = FIELDS[curve];
  if (encoded.length !== octets) return false;
  // Little-endian, the sign of x in the highest bit.
  const y = Buffer.from(encoded.toReversed());
  y[0] = (y[0] ?? 0) & 0x7f;
  const value = BigInt(`0x${y.toString('hex')}`);
  return value < prime && !smallOrder.has(value);
}
