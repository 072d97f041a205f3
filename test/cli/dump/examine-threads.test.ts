import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { afterEach, describe, expect, it } from 'vitest';

import { examineThreads } from '../../../src/cli/dump/examine-threads.ts';
import type { ExamineThreads } from '../../../src/cli/dump/examine-threads.ts';
import type { ExamineSettings } from '../../../src/cli/dump/examine-order.ts';
import type { ExaminedCertificate, ExaminedUpload } from '../../../src/hkp/examine.ts';
import type { RefusedCertificate } from '../../../src/hkp/submission.ts';
import { recordOf } from '../../../src/hkp/terms.ts';
import { joinedTerms } from '../../../src/keystore/term-octets.ts';
import { DEFAULT_CHECK_LIMITS } from '../../../src/openpgp/limits.ts';
import { framePacket, SECRET_KEY } from '../../../src/openpgp/packet.ts';
import { keyring, makeCertificate, subpackets, TestKey, userId } from '../../fixtures/test-key.ts';
import { checked, withIdentity } from '../../openpgp/checked.ts';

const WORKER = new URL('../../../dist/cli/dump/examine-worker.js', import.meta.url);
const SETTINGS: ExamineSettings = { limits: DEFAULT_CHECK_LIMITS, thirdParty: 'strip', trusted: false };

let threads: ExamineThreads | undefined;
afterEach(async () => {
  await threads?.close();
  threads = undefined;
});

function begin(settings: Partial<ExamineSettings> = {}, count = 2): ExamineThreads {
  threads = examineThreads(WORKER, count, { ...SETTINGS, ...settings });
  return threads;
}

/** A program of threads, as text. */
function program(text: string): URL {
  const path = join(mkdtempSync(join(tmpdir(), 'vouch-threads-')), 'thread.mjs');
  writeFileSync(path, text);
  return pathToFileURL(path);
}

async function certificatesOf(
  upload: ExaminedUpload | undefined,
): Promise<(ExaminedCertificate | RefusedCertificate)[]> {
  const all: (ExaminedCertificate | RefusedCertificate)[] = [];
  for await (const one of upload?.certificates ?? []) all.push(one);
  return all;
}

const broken = (): Uint8Array => {
  const key = new TestKey();
  const alice = userId('Alice');
  return keyring(key.key.packet, alice, key.certify(alice, { broken: true }));
};

describe('threads that examine certificates', () => {
  it('find what is found here', async () => {
    const { bytes, fingerprint } = makeCertificate(['Alice <alice@example.org>', 'Bob'], { version: 6 });
    const [one] = await certificatesOf(await begin().examine(bytes));
    const { certificate } = await checked(bytes);
    const { bytes: octets, terms } = recordOf(certificate);
    const record = { fingerprint, bytes: Uint8Array.from(octets), terms: joinedTerms(terms) };
    expect(one).toMatchObject({ version: 6, fingerprint, leftOut: [], record });
  });

  it('work on what they are asked one after the other, also when it makes them wait', async () => {
    const { examine } = begin({}, 1);
    const sound = Array.from({ length: 8 }, () => makeCertificate());
    // What OpenSSL does not verify is handed to openpgp.js, which is waited for.
    const uploads = await Promise.all([broken(), ...sound.map(({ bytes }) => bytes)].map(examine));
    const [refused, ...accepted] = await Promise.all(uploads.map(certificatesOf));
    expect(refused).toMatchObject([{ code: 'NOTHING_VALID' }]);
    expect(accepted).toMatchObject(sound.map(({ fingerprint }) => [{ fingerprint }]));
  });

  it('answer in the order in which they were asked, however long each takes', async () => {
    const { examine } = begin({}, 3);
    const made = Array.from({ length: 120 }, (_, index) =>
      makeCertificate(Array.from({ length: 1 + (index % 7) }, (__, id) => `id ${id}`)),
    );
    const order: string[] = [];
    await Promise.all(
      made.map(async ({ bytes, fingerprint }) => {
        const upload = await examine(bytes);
        order.push(fingerprint);
        expect(await certificatesOf(upload)).toMatchObject([{ fingerprint }]);
      }),
    );
    expect(order).toEqual(made.map(({ fingerprint }) => fingerprint));
  });

  it('refuse a certificate with its reason, and a piece as a whole', async () => {
    const { examine } = begin();
    expect(await certificatesOf(await examine(broken()))).toMatchObject([
      { version: 4, code: 'NOTHING_VALID' },
    ]);
    const secret = framePacket(SECRET_KEY, Buffer.of(4, 0), { legacy: false, lengthOctets: 1 });
    await expect(examine(secret.raw)).rejects.toMatchObject({ code: 'SECRET_KEY' });
    await expect(examine(Buffer.from('no packet'))).rejects.toMatchObject({ code: 'BAD_PACKET' });
  });

  it('hand out bare revocations', async () => {
    const key = new TestKey();
    const upload = await begin().examine(keyring(key.revoke()));
    expect(upload?.revocations).toMatchObject([{ type: 0x20 }]);
  });

  it('leave to the store what a key in it decides', async () => {
    const [key, revoker] = [new TestKey(), new TestKey()];
    const bytes = withIdentity(key, key.key.packet);
    const named = keyring(
      key.key.packet,
      key.direct({ hashed: [subpackets.revoker(revoker.fingerprint)] }),
      revoker.revoke({ of: key }),
    );
    const { examine } = begin();
    expect(await examine(named)).toBeUndefined();
    expect(await examine(bytes)).toBeDefined();
  });

  it('believe signatures when they are told to, and are no less strict for the rest', async () => {
    const { examine } = begin({ trusted: true });
    expect(await certificatesOf(await examine(broken()))).toMatchObject([{ version: 4, leftOut: [] }]);
    const bare = keyring(new TestKey().key.packet);
    expect(await certificatesOf(await examine(bare))).toMatchObject([{ code: 'NOTHING_VALID' }]);
  });

  it('fail what waits for a thread that ends, and what comes after', async () => {
    threads = examineThreads(
      program(
        `import { parentPort } from 'node:worker_threads'; parentPort.on('message', () => process.exit(1));`,
      ),
      1,
      SETTINGS,
    );
    const { examine } = threads;
    const both = await Promise.allSettled([examine(Buffer.of(1)), examine(Buffer.of(2))]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(examine(Buffer.of(3))).rejects.toThrow('ended');
  });

  it('fail a piece when a thread says that something went wrong in itself', async () => {
    threads = examineThreads(
      program(
        `import { parentPort } from 'node:worker_threads'; parentPort.on('message', () => parentPort.postMessage({ failed: 'out of order' }));`,
      ),
      1,
      SETTINGS,
    );
    await expect(threads.examine(Buffer.of(1))).rejects.toThrow('out of order');
  });
});
