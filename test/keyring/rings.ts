/* Keyring files in a folder of their own, for one test. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { PublicRing } from '../../src/keyring/public-ring.ts';
import type { Certificate } from '../../src/openpgp/certificate.ts';
import { checkKey } from '../../src/keyring/check-key.ts';

export interface TestRing {
  readonly folder: string;
  readonly path: string;
  readonly warnings: string[];
  readonly ring: PublicRing;
}

export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'vouch-keyring-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export async function publicRing({ confined = true } = {}): Promise<TestRing> {
  const folder = join(await tempFolder(), 'keys');
  const path = join(folder, 'pgp-public');
  const warnings: string[] = [];
  const warn = (text: string): void => void warnings.push(text);
  return { folder, path, warnings, ring: new PublicRing(path, { confined, warn }) };
}

export function checked(bytes: Uint8Array): Promise<Certificate> {
  return checkKey(bytes, () => Promise.resolve([]));
}
