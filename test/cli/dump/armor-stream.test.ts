import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dearmorStream, looksArmored } from '../../../src/cli/dump/armor-stream.ts';
import { armor } from '../../../src/openpgp/armor.ts';

async function* inChunks(text: string, size: number): AsyncGenerator<Uint8Array> {
  const octets = Buffer.from(text, 'latin1');
  for (let at = 0; at < octets.length; at += size)
    yield await Promise.resolve(octets.subarray(at, at + size));
}

/** The blocks of a text: what each decoded to, and its fault. */
async function read(text: string, size = 1000): Promise<{ octets: Buffer; fault: string | undefined }[]> {
  const blocks: { octets: Buffer; fault: string | undefined }[] = [];
  let octets = Buffer.of();
  for await (const piece of dearmorStream(inChunks(text, size))) {
    if (piece.kind === 'octets') octets = Buffer.concat([octets, piece.octets]);
    else {
      blocks.push({ octets, fault: piece.fault });
      octets = Buffer.of();
    }
  }
  return blocks;
}

describe('dearmorStream', () => {
  it('reads what the armor writer wrote, however the stream is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 400 }),
        fc.integer({ min: 1, max: 90 }),
        async (octets, size) => {
          expect(await read(armor(octets), size)).toEqual([
            { octets: Buffer.from(octets), fault: undefined },
          ]);
        },
      ),
    );
  });

  it.each(['\r\n', '\r', '\n'])('takes lines that end in %j, at any cut', async (end) => {
    const octets = Buffer.from('some octets that fill more than one line of base64, since lines are short');
    const text = `Comment before\n${armor(octets)}\ntext after\n${armor(octets)}`.replaceAll('\n', end);
    for (let size = 1; size < 80; size += 1) {
      expect((await read(text, size)).map((block) => block.octets)).toEqual([octets, octets]);
    }
  });

  it('holds more than it hands out at once, and loses nothing', async () => {
    const octets = Buffer.alloc(700_000, 'abcdefg');
    const [block] = await read(armor(octets), 65_536);
    expect(block?.octets.equals(octets)).toBe(true);
  });

  it('passes over headers and does not look at the checksum', async () => {
    const text = armor(Buffer.from('abc'))
      .replace('\n\n', '\nVersion: x\nComment: y\n\n')
      .replace(/^=.*$/m, '=AAAA');
    expect(await read(text)).toEqual([{ octets: Buffer.from('abc'), fault: undefined }]);
  });

  it('says what is wrong with a block and goes on with the next', async () => {
    const good = armor(Buffer.from('abc'));
    const broken = good.replace('YWJj', 'YW*j');
    const open = good.replace(/-----END.*\n/, '');
    const blocks = await read(`${broken}${open}${good}`);
    expect(blocks.map(({ fault }) => fault !== undefined)).toEqual([true, true, false]);
    expect(blocks.at(-1)?.octets).toEqual(Buffer.from('abc'));
    expect((await read(open)).at(-1)?.fault).toBeDefined();
    expect((await read(good.replace('YWJj', 'YWJjY'))).at(-1)?.fault).toBeDefined();
    expect((await read(good.replace('YWJj', 'YQ==\nYWJj'))).at(-1)?.fault).toBeDefined();
  });
});

describe('looksArmored', () => {
  it('tells armor from packets and from other text', () => {
    expect(looksArmored(Buffer.from(armor(Buffer.from('abc'))))).toBe(true);
    expect(looksArmored(Buffer.from(`pub  rsa\n${armor(Buffer.from('abc'))}`))).toBe(true);
    expect(looksArmored(Buffer.from('hello'))).toBe(false);
    expect(looksArmored(new Uint8Array())).toBe(false);
    expect(looksArmored(Buffer.concat([Uint8Array.of(0x99), Buffer.from('-----BEGIN PGP ')]))).toBe(false);
  });
});
