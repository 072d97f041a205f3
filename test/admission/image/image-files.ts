import { lstatSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { ImageLook, ImageReader } from '../../../src/admission/image/image-reader.ts';
import { createImageReader } from '../../../src/admission/image/looking.ts';
import type { ImageReaderOptions } from '../../../src/admission/image/looking.ts';
import type { MountTable } from '../../../src/admission/image/mounts.ts';
import { memoryDb } from '../../../src/admission/memory-db.ts';
import type { Caller } from '../../../src/admission/request.ts';
import { buildImage, twoObjects, withSignature } from '../../fixtures/sif-image.ts';
import { TestKey } from '../../fixtures/test-key.ts';

/** Threads run what is built: Node.js 20 cannot load TypeScript there. */
export const WORKER: URL = new URL('../../../dist/admission/image/evidence-worker.js', import.meta.url);

export const ADMIN: Caller = { kind: 'admin' };

/** A signed image; another number makes another content of the same size. */
export function imageOctets(number = 0): Buffer {
  const objects = twoObjects();
  objects[1]?.data.fill(number, 0, 1);
  return buildImage(withSignature(signer, objects));
}
const signer = new TestKey();

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'vouch-image-'));
}

const VAR = fileURLToPath(new URL('../../../var', import.meta.url));

/** Every folder above the checkout's `var` belongs to root or us, and nobody else can write it. */
export function hasTightFolder(): boolean {
  mkdirSync(VAR, { recursive: true });
  for (let folder = VAR; ; folder = dirname(folder)) {
    const { uid, mode } = lstatSync(folder);
    if ((uid !== 0 && uid !== process.getuid?.()) || (mode & 0o022) !== 0) return false;
    if (folder === '/') return true;
  }
}

export function tightFolder(): string {
  mkdirSync(VAR, { recursive: true });
  return mkdtempSync(join(VAR, 'vouch-image-'));
}

export const IS_ROOT: boolean = process.getuid?.() === 0;

/** Whatever an open file is on is said to be this. */
export function mountedAs(
  type: string,
  more: { source?: string; readOnly?: boolean } = {},
): () => MountTable {
  const mount = { type, source: '/dev/test', point: '/', readOnly: false, ...more };
  return () => new Proxy(new Map(), { get: (_map, name) => (name === 'get' ? () => mount : () => true) });
}

export interface Bench {
  readonly folder: string;
  readonly reader: ImageReader;
  readonly file: (name: string, octets?: Uint8Array) => string;
  readonly look: (path: string | Uint8Array, caller?: Caller, deadline?: number) => Promise<ImageLook>;
  readonly stop: () => Promise<void>;
}

/** A folder and a reader on ext4, wherever the test runs. */
export async function bench(
  options: Partial<ImageReaderOptions> = {},
  folder = temporaryFolder(),
): Promise<Bench> {
  const reader = await createImageReader({
    db: memoryDb(),
    now: Date.now,
    worker: WORKER,
    mounts: mountedAs('ext4'),
    ...options,
  });
  return {
    folder,
    reader,
    file: (name, octets = imageOctets()) => {
      const path = join(folder, name);
      writeFileSync(path, octets);
      return path;
    },
    look: (path, caller = ADMIN, deadline = Infinity) =>
      reader.look({ kind: 'path', path: Buffer.from(path) }, { caller, deadline }),
    stop: async () => {
      await reader.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What a look says, in short: the digest, or the code of the problem. */
export function said({ content }: ImageLook): string {
  return content.kind === 'content' ? content.evidence.sha256 : content.code;
}
