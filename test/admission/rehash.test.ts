import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { AdmissionError } from '../../src/admission/error.ts';
import type { KnownImage, Reread } from '../../src/admission/image/image-reader.ts';
import { memoryDb } from '../../src/admission/memory-db.ts';
import { rehash } from '../../src/admission/rehash.ts';
import type { RehashParts, RehashReport, RehashRound } from '../../src/admission/rehash.ts';
import type { SweptImage } from '../../src/admission/sweep.ts';
import { evidenceOf } from './deciding.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.parse('2026-11-22T00:00:00Z');
const DIGEST = 'ab'.repeat(32);
const OTHER = 'cd'.repeat(32);

let now: number;
let files: Map<string, KnownImage>;
let read: string[];
let events: [string, Readonly<Record<string, unknown>>][];
let answer: (path: string) => Reread;
let stopping: AbortController;
let parts: RehashParts;

beforeEach(async () => {
  now = START;
  files = new Map();
  read = [];
  events = [];
  stopping = new AbortController();
  answer = () => same;
  const db = memoryDb();
  const swept = db.table<SweptImage>('swept');
  parts = {
    images: { known: (path) => files.get(name(path)), reread },
    rounds: db.table<RehashRound>('rehash'),
    swept,
    recent: { entries: () => [] },
    period: 30 * DAY,
    interval: HOUR,
    now: () => now,
    elapsed: () => 0,
    random: Math.random,
    stopping: stopping.signal,
    event: (event, fields) => {
      events.push([event, fields]);
      return Promise.resolve();
    },
  };
  for (const path of ['/a', '/b', '/c', '/gone']) await swept.put(path, { sha256: DIGEST });
});

const same: Reread = { content: { kind: 'content', evidence: evidenceOf() }, before: DIGEST, changed: false };

function name(path: Uint8Array): string {
  return Buffer.from(path).toString('latin1');
}

function reread(path: Uint8Array): Promise<Reread> {
  const file = files.get(name(path));
  read.push(name(path));
  if (file !== undefined) files.set(name(path), { ...file, verifiedAt: now });
  return Promise.resolve(answer(name(path)));
}

/** Files that were read long ago. */
function known(...paths: string[]): void {
  for (const path of paths) files.set(path, { sha256: DIGEST, size: 1000, verifiedAt: START - DAY });
}

/** Runs each hour. */
async function hours(count: number): Promise<RehashReport[]> {
  const reports: RehashReport[] = [];
  for (let hour = 0; hour < count; hour += 1) {
    reports.push(await rehash(parts));
    now += HOUR;
  }
  return reports;
}

describe('rehash', () => {
  it('reads everything that is known once in a round, and then begins another', async () => {
    known('/a', '/b', '/c');
    await hours(30 * 24);
    expect(read.toSorted()).toEqual(['/a', '/b', '/c']);
    expect(events).toEqual([['rehash_finished', { since: '2026-11-22T00:00:00.000Z', late_s: 0 }]]);
    await hours(30 * 24);
    expect(read.toSorted()).toEqual(['/a', '/a', '/b', '/b', '/c', '/c']);
  });

  it('reads a share an hour, of whatever sizes, and is done in time', async () => {
    const size = fc.integer({ min: 1, max: 1_000_000 });
    await fc.assert(
      fc.asyncProperty(fc.array(size, { minLength: 1, maxLength: 100 }), async (sizes) => {
        files = new Map();
        read = [];
        now = START;
        await parts.rounds.delete('round');
        const recent = sizes.map((octets, i) => {
          files.set(`/${i}`, { sha256: DIGEST, size: octets, verifiedAt: START - DAY });
          return { path: Buffer.from(`/${i}`) };
        });
        const about = {
          sha256: DIGEST,
          binding: 'path',
          verdict: 'admit',
          effective: 'admit',
          time: '',
        } as const;
        parts = {
          ...parts,
          period: 2 * DAY,
          recent: { entries: () => recent.map((one) => ({ ...one, ...about })) },
        };
        const reports = await hours(48);
        expect(read).toHaveLength(sizes.length);
        expect(new Set(read).size).toBe(sizes.length);
        // A share is passed by one file at the most.
        const share = sizes.reduce((sum, one) => sum + one, 0) / 48;
        for (const { octets } of reports) expect(octets).toBeLessThan(share + Math.max(...sizes) + 1);
      }),
      { numRuns: 50 },
    );
  });

  it('reads in no order that anybody could know', async () => {
    known('/a', '/b', '/c');
    parts = { ...parts, period: HOUR, random: lots([0.9, 0.1, 0.5]) };
    await rehash(parts);
    expect(read).toEqual(['/b', '/c', '/a']);
  });

  it('leaves out what was read since for other reasons, and a second name of the same file', async () => {
    known('/a', '/b');
    files.set('/c', { sha256: DIGEST, size: 1, verifiedAt: START + 1 });
    parts = { ...parts, period: HOUR };
    answer = (path) => {
      const twin = files.get(path === '/a' ? '/b' : '/a');
      if (twin !== undefined) files.set(path === '/a' ? '/b' : '/a', { ...twin, verifiedAt: now });
      return same;
    };
    expect((await rehash(parts)).files).toBe(1);
  });

  it('tells of octets that changed although nothing said so', async () => {
    const path = '/\xff';
    await parts.swept.put(path, { sha256: DIGEST });
    known('/a', '/b', path);
    const evidence = evidenceOf(OTHER);
    answer = (one) => {
      if (one === '/a') return same;
      if (one === path) return { before: DIGEST, changed: true, content: { kind: 'content', evidence } };
      const none = { kind: 'problem', code: 'NOT_SIF', text: 'no image' } as const;
      return { before: DIGEST, changed: true, content: none };
    };
    parts = { ...parts, period: HOUR, random: () => 0 };
    expect(await rehash(parts)).toEqual({ files: 3, octets: 3000, changed: 2 });
    expect(events).toEqual([
      ['image_changed', { path: '/b', before: DIGEST, problem: 'NOT_SIF', unnoticed: true }],
      ['image_changed', { path: '/\ufffd', path_b64: 'L/8=', before: DIGEST, after: OTHER, unnoticed: true }],
    ]);
  });

  it('goes on with a round that is late, and says by how much', async () => {
    known('/a');
    await rehash(parts);
    known('/b');
    now = START + 31 * DAY;
    await rehash(parts);
    await rehash(parts);
    expect(read).toEqual(['/a', '/b']);
    expect(events).toEqual([['rehash_finished', expect.objectContaining({ late_s: 86_400 })]]);
  });

  it('begins anew after a clock that was ahead', async () => {
    known('/a');
    await parts.rounds.put('round', { began: START + 365 * DAY, finished: true });
    await hours(1);
    expect(read).toEqual(['/a']);
  });

  it('ends with the service', async () => {
    known('/a', '/b', '/c');
    parts = { ...parts, period: HOUR };
    answer = () => {
      stopping.abort();
      return same;
    };
    expect((await rehash(parts)).files).toBe(1);
    const images = {
      ...parts.images,
      reread: () => Promise.reject(new AdmissionError('NOT_READY', 'it stops')),
    };
    const signal = new AbortController().signal;
    expect((await rehash({ ...parts, images, stopping: signal })).files).toBe(0);
  });
});

function lots(numbers: readonly number[]): () => number {
  let next = 0;
  return () => numbers[next++ % numbers.length] ?? 0;
}
