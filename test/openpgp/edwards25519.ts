/* Edwards25519 by the book (RFC 8032 §5.1), to make keys and signatures that no library makes. Slow. */
import { createHash } from 'node:crypto';

const P = 2n ** 255n - 19n;
/** Order of the base point. */
export const L: bigint = 2n ** 252n + 27742317777372353535851937790883648493n;
const D = mod(-121665n * inverse(121666n));
const SQRT_MINUS_1 = power(2n, (P - 1n) / 4n);

export interface Point {
  readonly x: bigint;
  readonly y: bigint;
}

function mod(a: bigint, m: bigint = P): bigint {
  return ((a % m) + m) % m;
}

function power(base: bigint, exponent: bigint): bigint {
  let [result, square] = [1n, mod(base)];
  for (let e = exponent; e > 0n; e >>= 1n) {
    if ((e & 1n) === 1n) result = mod(result * square);
    square = mod(square * square);
  }
  return result;
}

function inverse(a: bigint): bigint {
  return power(a, P - 2n);
}

export function add(a: Point, b: Point): Point {
  const product = mod(D * a.x * b.x * a.y * b.y);
  return {
    x: mod((a.x * b.y + a.y * b.x) * inverse(1n + product)),
    y: mod((a.y * b.y + a.x * b.x) * inverse(1n - product)),
  };
}

export function multiply(scalar: bigint, point: Point): Point {
  let result: Point = { x: 0n, y: 1n };
  let doubled = point;
  for (let s = scalar; s > 0n; s >>= 1n) {
    if ((s & 1n) === 1n) result = add(result, doubled);
    doubled = add(doubled, doubled);
  }
  return result;
}

/** A point with this y, or undefined. */
export function pointWith(y: bigint): Point | undefined {
  const square = mod((y * y - 1n) * inverse(D * y * y + 1n));
  const root = power(square, (P + 3n) / 8n);
  const x = [root, mod(root * SQRT_MINUS_1)].find((one) => mod(one * one) === square);
  return x === undefined ? undefined : { x, y: mod(y) };
}

export const BASE: Point = evenX(pointWith(mod(4n * inverse(5n))));

function evenX(point: Point | undefined): Point {
  if (point === undefined) throw new Error('no such point');
  return (point.x & 1n) === 0n ? point : { x: mod(-point.x), y: point.y };
}

/** A point of order 8. */
export const TORSION: Point = torsion();

function torsion(): Point {
  for (let y = 2n; ; y += 1n) {
    const point = pointWith(y);
    const found = point && multiply(L, point);
    // Of order 8: four times it is (0, -1).
    if (found !== undefined && multiply(4n, found).y === P - 1n) return found;
  }
}

function littleEndian(value: bigint): Buffer {
  return Buffer.from(Buffer.from(value.toString(16).padStart(64, '0'), 'hex').toReversed());
}

/** §5.1.2, of y + `shift`: with a shift of p a second writing of the same point, where it fits. */
export function encode({ x, y }: Point, shift = 0n): Buffer {
  const octets = littleEndian(y + shift);
  octets[31] = (octets[31] ?? 0) | ((x & 1n) === 1n ? 0x80 : 0);
  return octets;
}

export const FIELD: bigint = P;

export interface OddKey {
  /** The public key as it is encoded. */
  readonly point: Buffer;
  /** R and S over a message. */
  readonly sign: (message: Uint8Array) => Buffer;
}

/** A key `secret`·B + `twist`, which signs with R = `nonce`·B + `nonceTwist` and S + `wrap`·L. */
export function oddKey(options: {
  secret: bigint;
  twist?: Point;
  nonceTwist?: Point;
  wrap?: bigint;
  nonce?: bigint;
}): OddKey {
  const { secret, twist, nonceTwist, wrap = 0n, nonce = 0x123456789abcdefn } = options;
  const own = multiply(secret, BASE);
  const point = encode(twist === undefined ? own : add(own, twist));
  const bare = multiply(nonce, BASE);
  const r = encode(nonceTwist === undefined ? bare : add(bare, nonceTwist));
  return {
    point,
    sign: (message) => {
      const hash = createHash('sha512')
        .update(Buffer.concat([r, point, message]))
        .digest();
      const k = BigInt(`0x${Buffer.from(hash.toReversed()).toString('hex')}`);
      return Buffer.concat([r, littleEndian(mod(nonce + k * secret, L) + wrap * L)]);
    },
  };
}
