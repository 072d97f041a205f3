import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AdmissionError } from '../../src/admission/error.ts';
import type { ImageReader } from '../../src/admission/image/image-reader.ts';
import { memoryDb } from '../../src/admission/memory-db.ts';
import { sweep } from '../../src/admission/sweep.ts';
import type { SweepParts, SweptImage } from '../../src/admission/sweep.ts';

let folder: string;
let looked: string[];
let events: [string, Readonly<Record<string, unknown>>][];
let parts: SweepParts;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vouch-sweep-'));
  looked = [];
  events = [];
  parts = {
    images: { look },
    table: memoryDb().table<SweptImage>('swept'),
    folders: [folder],
    patience: 1000,
    now: () => 0,
    stopping: new AbortController().signal,
    event: (event, fields) => {
      events.push([event, fields]);
      return Promise.resolve();
    },
  };
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** An image is what begins with SIF; its digest is that of the file. */
const look: ImageReader['look'] = (request) => {
  const path = request.kind === 'path' ? Buffer.from(request.path) : Buffer.of();
  looked.push(path.toString('latin1').slice(folder.length));
  const octets = readFileSync(path);
  if (octets.toString() === 'SIFbusy') return Promise.reject(new AdmissionError('QUEUE_FULL', 'busy'));
  const about = { path, binding: 'identity', cached: false } as const;
  if (!octets.toString().startsWith('SIF')) {
    return Promise.resolve({ ...about, content: { kind: 'problem', code: 'NOT_SIF', text: 'none' } });
  }
  const sha256 = createHash('sha256').update(octets).digest('hex');
  const evidence = {
    version: 1,
    sha256,
    size: octets.length,
    faults: [],
    objects: [],
    signatures: [],
    legacySignatures: [],
    strayObjects: [],
    trailingOctets: 0,
  };
  return Promise.resolve({ ...about, content: { kind: 'content', evidence } });
};

describe('sweep', () => {
  it('looks at every file below its folders, whatever its name, and follows no link', async () => {
    mkdirSync(join(folder, 'deep/er'), { recursive: true });
    writeFileSync(join(folder, 'a.sif'), 'SIF');
    writeFileSync(join(folder, 'readme'), 'text');
    writeFileSync(join(folder, 'deep/er/b'), 'SIFb');
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/deep/`), Buffer.from([0xff, 0x0a])]), 'SIFc');
    symlinkSync('/', join(folder, 'link'));
    expect(await sweep(parts)).toEqual({ files: 3, rehashed: 3, changed: 0, problems: [] });
    expect(looked).toEqual(['/a.sif', '/deep/er/b', '/deep/\xff\n', '/readme']);
    expect(events).toEqual([['sweep_finished', { files: 3, rehashed: 3, changed: 0, problems: [] }]]);
  });

  it('tells of an image that is another one than before, once', async () => {
    const path = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff])]);
    writeFileSync(path, 'SIF1');
    await sweep(parts);
    writeFileSync(path, 'SIF2');
    expect(await sweep(parts)).toMatchObject({ files: 1, changed: 1 });
    expect(await sweep(parts)).toMatchObject({ files: 1, changed: 0 });
    const changes = events.filter(([event]) => event === 'image_changed');
    expect(changes.map(([, fields]) => fields)).toEqual([
      expect.objectContaining({ path_b64: path.toString('base64') }),
    ]);
  });

  it('ends before the next image when the service stops', async () => {
    for (const name of ['a', 'b', 'c']) writeFileSync(join(folder, name), 'SIF');
    const stopping = new AbortController();
    const images: SweepParts['images'] = {
      look: (...asked) => {
        stopping.abort();
        return look(...asked);
      },
    };
    expect(await sweep({ ...parts, images, stopping: stopping.signal })).toMatchObject({ files: 1 });
    expect(events).toEqual([]);
  });

  it('goes on past what cannot be looked at, and says what that was', async () => {
    writeFileSync(join(folder, 'busy'), 'SIFbusy');
    writeFileSync(join(folder, 'fine'), 'SIF');
    const report = await sweep({ ...parts, folders: [join(folder, 'none'), folder] });
    expect(report.files).toBe(1);
    expect(report.problems).toEqual([`${folder}/none: ENOENT`, `${folder}/busy: busy`]);
  });
});
