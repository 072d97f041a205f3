import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openLevelRows } from '../../../src/keystore/level.ts';
import { certificateKey, tableRange, TABLES } from '../../../src/keystore/row-layout.ts';
import { newCertificates } from '../certificates.ts';
import { inTempFolder, vouch } from '../vouch.ts';

let certificates: Buffer[];

beforeAll(async () => {
  certificates = await newCertificates(3);
});

async function filledStore(folder: string): Promise<void> {
  const ring = join(folder, 'ring.pgp');
  await writeFile(ring, Buffer.concat(certificates));
  expect((await vouch(['keystore', 'load', ring, '--data', folder])).code).toBe(0);
}

/** Writes to the rows behind the store's back. */
async function damage(folder: string, how: 'index' | 'swap'): Promise<void> {
  const rows = await openLevelRows(join(folder, 'keystore'), { create: false });
  try {
    if (how === 'index') {
      for await (const keys of rows.scanKeys({ ...tableRange(TABLES.index), limit: 2 }, 2)) {
        await rows.write(keys.map((key) => ({ key })));
      }
    } else {
      for await (const found of rows.scan({ ...tableRange(TABLES.certificate), limit: 2 }, 2)) {
        const [first, second] = found;
        if (first === undefined || second === undefined) throw new Error('two certificates wanted');
        await rows.write([{ key: certificateKey(first[0].subarray(1)), value: second[1] }]);
      }
    }
  } finally {
    await rows.close();
  }
}

describe('vouch keystore status', () => {
  it('says how much is held, since when, and in how many octets', async () => {
    await inTempFolder(async (folder) => {
      await filledStore(folder);
      const { code, stdout } = await vouch(['keystore', 'status', '--data', folder, '--json']);
      expect(code).toBe(0);
      const status = JSON.parse(stdout.toString()) as Record<string, unknown>;
      expect(status).toMatchObject({
        store: join(folder, 'keystore'),
        certificates: 3,
        changes: 3,
        format: '2',
      });
      expect(Date.parse(String(status['lastChange']))).toBeGreaterThan(Date.parse('2026-01-01'));
      expect(status['octets']).toBeGreaterThan(certificates.reduce((sum, { length }) => sum + length, 0));
      const text = (await vouch(['keystore', 'status'], { env: { VOUCH_DATA: folder } })).stdout.toString();
      expect(text).toMatch(/^Certificates: +3$/m);
    });
  });

  it('makes no store where there is none', async () => {
    await inTempFolder(async (folder) => {
      const { code, stderr } = await vouch(['keystore', 'status', '--data', join(folder, 'x')]);
      expect(code).toBe(66);
      expect(stderr.trim().split('\n')).toHaveLength(1);
      expect(await readdir(folder)).toEqual([]);
    });
  });
});

describe('vouch keystore check', () => {
  it('finds nothing wrong with a store that Vouch wrote', async () => {
    await inTempFolder(async (folder) => {
      await filledStore(folder);
      const { code, stdout } = await vouch(['keystore', 'check', '--data', folder]);
      expect(code).toBe(0);
      expect(stdout.toString()).toMatch(/3 certificates, [\s\S]*Nothing is wrong/);
    });
  });

  it('exits 65 for missing index entries, says what --repair does, and repairs them', async () => {
    await inTempFolder(async (folder) => {
      await filledStore(folder);
      await damage(folder, 'index');
      const found = await vouch(['keystore', 'check', '--data', folder]);
      expect(found.code).toBe(65);
      expect(found.stdout.toString()).toMatch(/Found 2 faults:[\s\S]*index-missing[\s\S]*--repair/);
      const repaired = await vouch(['keystore', 'check', '--repair', '--json', '--data', folder]);
      expect(repaired.code).toBe(0);
      expect(JSON.parse(repaired.stdout.toString())).toMatchObject({ found: 2, repaired: 2 });
      expect((await vouch(['keystore', 'check', '--data', folder])).code).toBe(0);
    });
  });

  it('finds a certificate that lies under the fingerprint of another, and does not call it repaired', async () => {
    await inTempFolder(async (folder) => {
      await filledStore(folder);
      await damage(folder, 'swap');
      const { code, stdout } = await vouch(['keystore', 'check', '--repair', '--data', folder]);
      expect(code).toBe(65);
      expect(stdout.toString()).toMatch(/unreadable|digest-mismatch/);
      expect(stdout.toString()).toContain('cannot be repaired');
    });
  });
});
