import { expect, test } from 'vitest';

import { KeptEvidence } from '../../../src/admission/image/kept-evidence.ts';
import { KnownFiles } from '../../../src/admission/image/known-files.ts';
import type { KnownFile } from '../../../src/admission/image/known-files.ts';
import { MAX_KEPT_EVIDENCE_OCTETS, MAX_KNOWN_FILES } from '../../../src/admission/limits.ts';
import { memoryDb } from '../../../src/admission/memory-db.ts';
import { EVIDENCE_VERSION } from '../../../src/integrity/evidence.ts';
import type { ImageEvidence } from '../../../src/integrity/evidence.ts';

function evidence(sha256: string, messageOctets = 10, version: number = EVIDENCE_VERSION): ImageEvidence {
  const message = 'x'.repeat(messageOctets);
  return {
    version,
    sha256,
    size: 1,
    faults: [],
    objects: [],
    signatures: [{ id: 1, group: 1, format: 'pgp', message, covers: [] }],
    legacySignatures: [],
    strayObjects: [],
    trailingOctets: 0,
  };
}

test('evidence is found again, also after a new start', async () => {
  const table = memoryDb().table<ImageEvidence>('evidence');
  const first = await KeptEvidence.open(table);
  await first.keep(evidence('aa'));
  expect(await first.get('aa')).toEqual(evidence('aa'));
  const second = await KeptEvidence.open(table);
  expect(second.near('aa')).toBeUndefined();
  expect(await second.get('aa')).toEqual(evidence('aa'));
  expect(second.near('aa')).toEqual(evidence('aa'));
  expect(await second.get('bb')).toBeUndefined();
});

test('evidence of another version is forgotten', async () => {
  const table = memoryDb().table<ImageEvidence>('evidence');
  await table.put('aa', evidence('aa', 10, EVIDENCE_VERSION + 1));
  const kept = await KeptEvidence.open(table);
  expect(await kept.get('aa')).toBeUndefined();
  expect(await table.get('aa')).toBeUndefined();
});

test('old evidence makes room for new, on disk and before that in memory', async () => {
  const table = memoryDb().table<ImageEvidence>('evidence');
  const kept = await KeptEvidence.open(table);
  const octets = Math.floor(MAX_KEPT_EVIDENCE_OCTETS / 20);
  for (let i = 0; i < 25; i += 1) await kept.keep(evidence(`${i}`, octets));
  expect(await kept.get('0')).toBeUndefined();
  expect(kept.near('20')).toBeUndefined();
  expect(await kept.get('24')).toBeDefined();
  const keys: string[] = [];
  for await (const [key] of table.entries()) keys.push(key);
  expect(keys.length).toBe(19);
});

test('a file is known in its state only, and since the machine started', async () => {
  const table = memoryDb().table<KnownFile>('files');
  const files = await KnownFiles.open(table, 'boot');
  await files.keep({ file: 'a', state: '1' }, 'digest', 5);
  expect(files.get({ file: 'a', state: '1' })).toMatchObject({ sha256: 'digest', verifiedAt: 5 });
  expect(files.get({ file: 'a', state: '2' })).toBeUndefined();
  expect((await KnownFiles.open(table, 'boot')).get({ file: 'a', state: '1' })).toBeDefined();
  expect((await KnownFiles.open(table, 'next')).get({ file: 'a', state: '1' })).toBeUndefined();
  expect(await table.get('a')).toBeUndefined();
});

test('files that were not asked for longest make room', async () => {
  const table = memoryDb().table<KnownFile>('files');
  const files = await KnownFiles.open(table, 'boot');
  for (let i = 0; i < MAX_KNOWN_FILES; i += 1) await files.keep({ file: `${i}`, state: '' }, 'digest', 0);
  files.get({ file: '0', state: '' });
  await files.keep({ file: 'new', state: '' }, 'digest', 0);
  expect(files.get({ file: '0', state: '' })).toBeDefined();
  expect(files.get({ file: '1', state: '' })).toBeUndefined();
  expect(await table.get('1')).toBeUndefined();
});
