import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadServerConfig } from '../../src/config/load-server-config.ts';
import type { PeerSettings } from '../../src/config/server-config.ts';
import { MemoryKeystore } from '../../src/keystore/memory.ts';
import type { Work } from '../../src/server/job-book.ts';
import { peerWorks } from '../../src/server/peer-works.ts';
import { makeCertificate } from '../fixtures/test-key.ts';
import { bearer, guarded } from '../hkp/guarded.ts';
import { NOW, recordingLog } from '../hkp/harness.ts';
import { submitting } from '../hkp/submitting.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vouch-peers-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const alice = makeCertificate();

async function workOf(url: string, tokenFile: string | undefined): Promise<Work> {
  const now = (): number => NOW * 1000;
  const keystore = new MemoryKeystore({ now });
  await submitting({ keystore }).push(alice.bytes);
  const peer: PeerSettings = {
    name: 'other',
    url,
    pull: undefined,
    fingerprints: [],
    searches: [],
    push: true,
    tokenFile,
    schedule: 'off',
  };
  const config = loadServerConfig({ flags: {}, environment: {} });
  const stopping = new AbortController().signal;
  const [work] = peerWorks(
    { settings: [peer], stopping, version: '1.2.3' },
    { keystore, config: () => config, log: recordingLog([]), now },
  );
  if (work === undefined) throw new Error('no work');
  return work;
}

describe('peerWorks', () => {
  it('reads the token for each run, and says in words what was exchanged', async () => {
    const there = await guarded('token');
    const file = join(folder, 'token');
    const work = await workOf(there.server.url, file);
    expect(work.name).toBe('peer:other');
    await expect(work.run()).rejects.toMatchObject({ code: 'BAD_FILE' });
    writeFileSync(file, `${bearer(await there.token()).replace('Bearer ', '')}\n`);
    expect(await work.run()).toBe('fetched 0: 0 new, 0 updated, 0 refused; pushed 1, 0 not taken there');
    expect(await there.server.keystore.get(alice.fingerprint)).toBeDefined();
  });

  it('does not tell what is in a file that holds something else than a token', async () => {
    const file = join(folder, 'other');
    writeFileSync(file, 'user = me\npassword = secret\n');
    const work = await workOf('http://127.0.0.1:1', file);
    await expect(work.run()).rejects.toMatchObject({
      code: 'BAD_FILE',
      message: expect.not.stringContaining('secret') as string,
    });
  });

  it('throws for an address that is none before anything runs', async () => {
    await expect(workOf('ftp://example.org', undefined)).rejects.toMatchObject({ code: 'BAD_URL' });
  });
});
