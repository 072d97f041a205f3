import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadServerConfig } from '../../src/config/load-server-config.ts';
import type { ServerConfig } from '../../src/config/server-config.ts';
import { recordOf } from '../../src/hkp/terms.ts';
import { parseCertificate } from '../../src/openpgp/certificate.ts';
import { expiringKeys } from '../../src/server/expiring-keys.ts';
import { JobBook } from '../../src/server/job-book.ts';
import { schedulesOf, worksOf } from '../../src/server/jobs.ts';
import { openStore } from '../../src/server/open-store.ts';
import type { OpenStore } from '../../src/server/open-store.ts';
import { serveKeystore } from '../../src/server/serve.ts';
import { recordingLog } from '../hkp/harness.ts';
import type { LogLine } from '../hkp/harness.ts';
import { newCertificates } from '../cli/certificates.ts';

const NOW = Date.parse('2026-11-22T03:17:00Z');

let folder: string;
let store: OpenStore;
let lines: LogLine[];
let clock: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vouch-jobs-'));
  store = await openStore(join(folder, 'keystore'), { now: () => clock, create: true });
  lines = [];
  clock = NOW;
});

afterEach(async () => {
  await store.keystore.close();
  await rm(folder, { recursive: true, force: true });
});

const now = (): number => clock;

function settings(change: Partial<ServerConfig> = {}): ServerConfig {
  return { ...loadServerConfig({ flags: { data: folder }, environment: {} }), ...change };
}

async function hold(): Promise<string> {
  const [bytes = Buffer.alloc(0)] = await newCertificates(1);
  const record = recordOf(parseCertificate(bytes));
  await store.keystore.update(record.fingerprint, () => record);
  return record.fingerprint;
}

function bookOf(config: ServerConfig = settings()): JobBook {
  const log = recordingLog(lines);
  const works = worksOf({ store, config: () => config, log, now });
  return new JobBook({ keystore: store.keystore, log, now }, works);
}

describe('JobBook', () => {
  it('keeps what came of a job in the store', async () => {
    await bookOf().run('compact');
    const again = bookOf();
    expect(await again.record('compact')).toMatchObject({ started: NOW, ok: true, lastSuccess: NOW });
    expect(await again.record('backup')).toBeUndefined();
  });

  it('runs a job once at a time: whoever asks meanwhile joins', async () => {
    let runs = 0;
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const work = {
      name: 'slow',
      run: async () => {
        runs += 1;
        await held;
        return 'done';
      },
    };
    const book = new JobBook({ keystore: store.keystore, log: recordingLog(lines), now }, [work]);
    const both = [book.run('slow'), book.run('slow')];
    expect(await book.isRunning('slow')).toBe(true);
    release();
    expect((await Promise.all(both)).map(({ words }) => words)).toEqual(['done', 'done']);
    expect(runs).toBe(1);
    expect(await book.isRunning('slow')).toBe(false);
  });

  it('tells of a failure, and keeps when the job last went well', async () => {
    let fails = false;
    const work = {
      name: 'x',
      run: () => (fails ? Promise.reject(new Error('no room')) : Promise.resolve('')),
    };
    const book = new JobBook({ keystore: store.keystore, log: recordingLog(lines), now }, [work]);
    await book.run('x');
    fails = true;
    clock += 1000;
    expect(await book.run('x')).toMatchObject({ ok: false, words: 'no room', lastSuccess: NOW });
    expect(lines).toContainEqual(expect.objectContaining({ level: 'error', message: 'job failed' }));
    await expect(book.run('y')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('the jobs', () => {
  it('back up, and keep as many as the settings say', async () => {
    await hold();
    const config = settings();
    const book = bookOf({ ...config, backup: { ...config.backup, keep: 2 } });
    for (let day = 0; day < 3; day += 1) {
      expect(await book.run('backup')).toMatchObject({ ok: true });
      clock += 86_400_000;
    }
    expect(await readdir(join(folder, 'backups'))).toEqual([
      'vouch-2026-11-23T031700Z.backup',
      'vouch-2026-11-24T031700Z.backup',
    ]);
  });

  it('take out what a tombstone stands for, should it have come back', async () => {
    const fingerprint = await hold();
    const record = await store.keystore.get(fingerprint);
    const subkey = record?.terms.find(
      ({ kind, value }) => kind === 'fingerprint' && value !== fingerprint,
    )?.value;
    if (subkey === undefined) throw new Error('a subkey wanted');
    await store.keystore.remove({ fingerprint: subkey, time: NOW, by: 'operator', reason: '' });
    const book = bookOf();
    expect(await book.run('tombstones')).toMatchObject({ words: '1 taken out' });
    expect(await store.keystore.get(fingerprint)).toBeUndefined();
    expect(await book.run('tombstones')).toMatchObject({ words: '0 taken out' });
  });

  it('have a schedule each, but for those that are off', () => {
    const config = settings();
    expect([...schedulesOf(config).keys()]).toEqual([
      'backup',
      'compact',
      'expiring',
      'tombstones',
      'weak-keys',
    ]);
    const off = { ...config, backup: { ...config.backup, schedule: 'off' } };
    expect(schedulesOf(off).has('backup')).toBe(false);
  });

  it('make a server refuse to start with a schedule that means nothing', async () => {
    const config = settings({ listen: { host: '127.0.0.1', port: 0 }, data: join(folder, 'other') });
    const broken = { ...config, jobs: { ...config.jobs, compact: '99 99 * * *' } };
    const parts = { log: recordingLog(lines), now, version: '1' };
    await expect(serveKeystore(broken, parts)).rejects.toMatchObject({ code: 'BAD_VALUE' });
  });
});

describe('expiringKeys', () => {
  it('finds keys that end soon, not those that never do', async () => {
    const { generateKey } = await import('openpgp');
    const day = 86_400;
    const seconds = NOW / 1000;
    const date = new Date('2026-11-01T00:00:00Z');
    for (const days of [25, 40, 10]) {
      const { publicKey } = await generateKey({
        userIDs: [{ name: `key of ${days} days` }],
        date,
        keyExpirationTime: days * day,
        format: 'binary',
      });
      const record = recordOf(parseCertificate(publicKey));
      await store.keystore.update(record.fingerprint, () => record);
    }
    await hold();
    const report = await expiringKeys(store.keystore, seconds, 10);
    expect(report.count).toBe(1);
    expect(report.keys[0]?.expires).toBe(date.getTime() / 1000 + 25 * day);
    expect((await expiringKeys(store.keystore, seconds, 30)).count).toBe(2);
  });
});
