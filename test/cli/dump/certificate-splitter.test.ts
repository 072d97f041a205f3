import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CertificateSplitter } from '../../../src/cli/dump/certificate-splitter.ts';
import type { SplitterLimits } from '../../../src/cli/dump/certificate-splitter.ts';
import type { DumpPiece } from '../../../src/cli/dump/dump-piece.ts';

const LIMITS: SplitterLimits = { certificate: 4096, packet: 2048 };

/** A packet in the current format (RFC 9580 §4.2.1). */
function packet(tag: number, body: Uint8Array): Buffer {
  const length = Buffer.alloc(5, 255);
  length.writeUInt32BE(body.length, 1);
  return Buffer.concat([Uint8Array.of(0xc0 | tag), length, body]);
}

/** A certificate as far as framing goes: a key packet, then packets of what a certificate has. */
function certificate(seed: number, sizes: readonly number[] = [30, 200]): Buffer {
  const key = Buffer.alloc(40, seed % 251);
  key.set([4, 0x60, 0, 0, 1, 22]);
  // Zeros in the bodies, so that nothing in them looks like a key.
  return Buffer.concat([
    packet(6, key),
    ...sizes.map((size, index) => packet(index === 0 ? 13 : 2, Buffer.alloc(size))),
  ]);
}

function split(octets: Uint8Array, cuts: readonly number[] = []): DumpPiece[] {
  const splitter = new CertificateSplitter(0, LIMITS);
  const places = [0, ...cuts.toSorted((a, b) => a - b), octets.length];
  const pieces = places
    .slice(1)
    .flatMap((end, index) => [...splitter.push(octets.subarray(places[index], end))]);
  return [...pieces, ...splitter.end()];
}

const certificatesOf = (pieces: readonly DumpPiece[]): string[] =>
  pieces.flatMap((piece) => (piece.kind === 'certificate' ? [Buffer.from(piece.bytes).toString('hex')] : []));

describe('CertificateSplitter', () => {
  it('gives each certificate with its place', () => {
    const [a, b] = [certificate(1), certificate(2)];
    expect(split(Buffer.concat([a, b]))).toEqual([
      { kind: 'certificate', bytes: a, offset: 0, end: a.length },
      { kind: 'certificate', bytes: b, offset: a.length, end: a.length + b.length },
    ]);
  });

  it('gives packets before the first primary key as a piece of their own: a bare revocation', () => {
    const revocation = packet(2, Buffer.alloc(50));
    const key = certificate(1);
    expect(certificatesOf(split(Buffer.concat([revocation, key])))).toEqual([
      revocation.toString('hex'),
      key.toString('hex'),
    ]);
  });

  it('begins a piece at a secret key too, so that its neighbours are not refused with it', () => {
    const secret = packet(5, Buffer.concat([Uint8Array.of(4, 0, 0, 0, 0, 22), Buffer.alloc(60)]));
    const parts = [certificate(1), secret, certificate(2)];
    expect(certificatesOf(split(Buffer.concat(parts)))).toEqual(parts.map((part) => part.toString('hex')));
  });

  it('gives nothing for nothing', () => {
    expect(split(new Uint8Array())).toEqual([]);
  });

  it('counts from the place where reading began', () => {
    const splitter = new CertificateSplitter(1000, LIMITS);
    const key = certificate(1);
    const pieces = [...splitter.push(key), ...splitter.end()];
    expect(pieces).toMatchObject([{ offset: 1000, end: 1000 + key.length }]);
  });

  it('gives the same pieces however the stream is cut', () => {
    const octets = Buffer.concat([
      certificate(1),
      Buffer.from('damage'),
      certificate(2, [30, 2000, 2000, 2000]),
      certificate(3),
      certificate(4).subarray(0, -7),
    ]);
    const whole = split(octets);
    expect(whole.map(({ kind }) => kind)).toEqual([
      'certificate',
      'unreadable',
      'unreadable',
      'certificate',
      'certificate',
      'unreadable',
    ]);
    fc.assert(
      fc.property(fc.array(fc.nat(octets.length), { maxLength: 12 }), (cuts) => {
        expect(split(octets, cuts)).toEqual(whole);
      }),
    );
  });

  it('covers every octet of any stream exactly once, in order, and can begin again at any piece', () => {
    const keys = fc.array(
      fc.oneof(
        fc.nat(250).map((seed) => certificate(seed)),
        fc.uint8Array({ maxLength: 60 }).map((octets) => Buffer.from(octets)),
      ),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(keys, fc.nat(100), (parts, choice) => {
        const octets = Buffer.concat(parts);
        const pieces = split(octets);
        let at = 0;
        for (const { offset, end } of pieces) {
          expect(offset).toBe(at);
          expect(end).toBeGreaterThan(offset);
          at = end;
        }
        expect(at).toBe(octets.length);
        const from = pieces[choice % Math.max(1, pieces.length)]?.end ?? 0;
        const again = new CertificateSplitter(from, LIMITS);
        const rest = [...again.push(octets.subarray(from)), ...again.end()];
        expect(certificatesOf(rest)).toEqual(certificatesOf(pieces.filter(({ offset }) => offset >= from)));
      }),
    );
  });
});

describe('CertificateSplitter: damage', () => {
  const good = [certificate(1), certificate(2), certificate(3)];
  const hex = good.map((part) => part.toString('hex'));

  it('finds the next certificate after octets that are no packet', () => {
    const [a, b, c] = good;
    const damaged = Buffer.concat([
      a ?? '',
      Buffer.from('not a packet'),
      b ?? '',
      Buffer.alloc(500, 0x99),
      c ?? '',
    ] as Buffer[]);
    const pieces = split(damaged);
    expect(certificatesOf(pieces)).toEqual(hex);
    expect(pieces.filter(({ kind }) => kind === 'unreadable')).toMatchObject([
      { code: 'BAD_PACKET' },
      { code: 'BAD_PACKET' },
    ]);
  });

  it('loses no certificate behind a length that is far too large', () => {
    const huge = Uint8Array.of(0xc0 | 2, 255, 0xff, 0xff, 0xff, 0xff);
    const pieces = split(Buffer.concat([...good.slice(0, 1), huge, ...good.slice(1)]));
    expect(certificatesOf(pieces)).toEqual(hex);
  });

  it('loses no certificate behind a length that runs past the end', () => {
    const long = Uint8Array.of(0xc0 | 2, 255, 0, 0, 0x07, 0xff);
    const pieces = split(Buffer.concat([...good.slice(0, 2), long, ...good.slice(2)]));
    expect(certificatesOf(pieces)).toEqual(hex);
  });

  it('passes over a certificate that is too large, and keeps the next', () => {
    const large = certificate(9, [30, 2000, 2000, 2000]);
    const pieces = split(Buffer.concat([...good.slice(0, 1), large, ...good.slice(1)]));
    expect(certificatesOf(pieces)).toEqual(hex);
    expect(pieces[1]).toMatchObject({ kind: 'unreadable', code: 'CERTIFICATE_TOO_LARGE' });
  });

  it('gives what is whole of a certificate that is cut off, and says so', () => {
    const key = certificate(1);
    const pieces = split(key.subarray(0, -1));
    expect(pieces.map(({ kind }) => kind)).toEqual(['certificate', 'unreadable']);
    expect(pieces[1]).toMatchObject({ code: 'BAD_PACKET', end: key.length - 1 });
  });

  it('begins anew after an end, as after a block of armor that broke off', () => {
    const splitter = new CertificateSplitter(0, LIMITS);
    const [a, b] = good;
    const first = [
      ...splitter.push(a?.subarray(0, -3) ?? Buffer.of()),
      ...splitter.end({ code: 'BAD_ARMOR', reason: 'broken' }),
    ];
    const second = [...splitter.push(b ?? Buffer.of()), ...splitter.end()];
    expect(first.at(-1)).toMatchObject({ kind: 'unreadable', code: 'BAD_ARMOR' });
    expect(certificatesOf(second)).toEqual([b?.toString('hex')]);
  });

  it('never throws, whatever the octets', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (octets) => {
        expect(split(octets).at(-1)?.end ?? 0).toBe(octets.length);
      }),
    );
  });
});
