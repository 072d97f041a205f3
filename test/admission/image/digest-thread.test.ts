import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { afterEach, describe, expect, test } from 'vitest';

import { DigestThread } from '../../../src/admission/image/digest-thread.ts';
import { BESIDE_OCTETS } from '../../../src/admission/limits.ts';
import { MemorySource } from '../../../src/bytes/memory-source.ts';
import { readEvidence } from '../../../src/integrity/read-evidence.ts';
import { buildImage, twoObjects, withSignature } from '../../fixtures/sif-image.ts';
import { TestKey } from '../../fixtures/test-key.ts';
import { bench, temporaryFolder } from './image-files.ts';
import type { Bench } from './image-files.ts';

const PROGRAM = new URL('../../../dist/admission/image/digest-worker.js', import.meta.url);

let inUse: Bench | undefined;
let thread: DigestThread | undefined;
afterEach(async () => {
  await inUse?.stop();
  await thread?.end();
  [inUse, thread] = [undefined, undefined];
});

/** So large that its contents are digested in a thread of their own. */
function largeImage(): Buffer {
  const [first, second] = twoObjects();
  if (first === undefined || second === undefined) throw new TypeError('two objects');
  const large = Buffer.alloc(BESIDE_OCTETS + 12_345, 'abcdefg');
  return buildImage(withSignature(new TestKey(), [first, { ...second, data: large }]));
}

describe('a large image', () => {
  test('gives the evidence that its octets give in one thread', async () => {
    inUse = await bench();
    const octets = largeImage();
    for (const changed of [false, true]) {
      if (changed) octets[octets.length - 100_000] = 0;
      const { content } = await inUse.look(inUse.file('a.sif', octets));
      const expected = await readEvidence(new MemorySource(octets));
      expect(content).toEqual({ kind: 'content', evidence: expected });
      expect(expected.signatures[0]?.fault?.reason).toBe(changed ? 'CONTENT_CHANGED' : undefined);
    }
  });

  test('that is none is told, and the next one is read', async () => {
    inUse = await bench({ workers: 1 });
    const none = await inUse.look(inUse.file('none.sif', Buffer.alloc(BESIDE_OCTETS + 1, 'x')));
    expect(none.content).toMatchObject({ kind: 'problem', code: 'NOT_SIF' });
    expect((await inUse.look(inUse.file('a.sif', largeImage()))).content.kind).toBe('content');
  });
});

describe('the thread that digests', () => {
  const parts = [{ offset: 2, size: 3, names: ['sha256'] as const }];

  test('takes one file after the other, also when one is given up', async () => {
    thread = new DigestThread(PROGRAM);
    for (const text of ['given up', '..abc..', '..def..']) {
      const { ring, digest } = await thread.ready();
      const made = digest(parts);
      ring.block().set(Buffer.from(text));
      ring.publish(text.length);
      ring.end();
      if (text === 'given up') continue;
      const hex = createHash('sha256').update(text.slice(2, 5)).digest('hex');
      expect(await made).toEqual([[hex]]);
    }
  });

  test('rejects what it ends over, and another one is started', async () => {
    const program = join(temporaryFolder(), 'thread.mjs');
    writeFileSync(
      program,
      `import { parentPort } from 'node:worker_threads';
parentPort.on('message', () => process.exit(1));`,
    );
    thread = new DigestThread(pathToFileURL(program));
    for (let i = 0; i < 2; i += 1) {
      const { digest } = await thread.ready();
      await expect(digest(parts)).rejects.toThrow('ended');
    }
  });
});
