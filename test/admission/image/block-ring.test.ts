import { expect, test } from 'vitest';

import { ringMemory, ringPieces, RingWriter } from '../../../src/admission/image/block-ring.ts';

function write(ring: RingWriter, text: string): void {
  ring.block().set(Buffer.from(text));
  ring.publish(text.length);
}

test('pieces come in their order and with their lengths, until the end', () => {
  const memory = ringMemory();
  const ring = new RingWriter(memory);
  ring.begin();
  const pieces = ringPieces(memory);
  const got: string[] = [];
  // More than there are blocks, each taken before the ring is full.
  for (let i = 0; i < 10; i += 1) {
    write(ring, `piece ${i}`);
    got.push(Buffer.from(pieces.next().value ?? []).toString());
  }
  write(ring, 'last');
  ring.end();
  got.push(...[...pieces].map((piece) => Buffer.from(piece).toString()));
  expect(got).toEqual([...Array.from({ length: 10 }, (_, i) => `piece ${i}`), 'last']);
});

test('an end without pieces ends, and the ring can be begun again', () => {
  const memory = ringMemory();
  const ring = new RingWriter(memory);
  for (let file = 0; file < 3; file += 1) {
    ring.begin();
    if (file > 0) write(ring, 'a');
    ring.end();
    expect([...ringPieces(memory)].map(({ length }) => length)).toEqual(file > 0 ? [1] : []);
  }
});
