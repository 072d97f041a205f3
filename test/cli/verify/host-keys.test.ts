import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { HostKeys } from '../../../src/cli/verify/host-keys.ts';
import type { LabelledRing } from '../../../src/cli/verify/host-keys.ts';
import { KeystoreQuestions, MAX_QUESTIONS } from '../../../src/cli/verify/keystore-questions.ts';
import type { AskedKeystore } from '../../../src/cli/verify/keystore-questions.ts';
import { HkpClientError } from '../../../src/hkp/client/error.ts';
import type { HkpClientErrorCode } from '../../../src/hkp/client/error.ts';
import { PublicRing } from '../../../src/keyring/public-ring.ts';
import { certificateState } from '../../../src/openpgp/state.ts';
import type { IssuerClaim } from '../../../src/openpgp/signature.ts';
import { checked, NOW } from '../../openpgp/checked.ts';
import { Signer } from '../verify-host.ts';

let folder: string;
let warnings: string[];
const dana = new Signer('Dana <dana@example.org>');
const eve = new Signer('Eve <eve@example.org>');
beforeEach(async () => {
  warnings = [];
  folder = await mkdtemp(join(tmpdir(), 'vouch-rings-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
});

const claimOf = ({ key: { key } }: Signer): IssuerClaim => ({
  fingerprint: key.fingerprint,
  keyId: key.keyId,
});
const warn = (text: string): void => void warnings.push(text);

async function ring(label: LabelledRing['label'], ...certificates: Uint8Array[]): Promise<LabelledRing> {
  const path = join(folder, label);
  await writeFile(path, Buffer.concat(certificates));
  return { label, ring: new PublicRing(path, { confined: false, warn }) };
}

/** A keystore, and what it was asked for. */
function keystoreWith(...certificates: Uint8Array[]): AskedKeystore & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    name: 'test',
    asked,
    get: async (id) => {
      asked.push(id);
      const all = await Promise.all(certificates.map(async (one) => (await checked(one)).certificate));
      return all.filter(({ primary: { key } }) => key.fingerprint === id || key.keyId === id);
    },
  };
}

const failing = (code: HkpClientErrorCode): AskedKeystore & { asked: number } => {
  const keystore = {
    name: 'failing',
    asked: 0,
    get: () => {
      keystore.asked += 1;
      return Promise.reject(new HkpClientError(code, 'no'));
    },
  };
  return keystore;
};

async function find(
  rings: LabelledRing[],
  keystores: AskedKeystore[],
  ...claims: IssuerClaim[]
): Promise<{ labels: string[]; revoked: boolean[]; complete: boolean }> {
  const questions = new KeystoreQuestions(keystores, warn);
  const keys = new HostKeys({ rings, keystores: questions, at: NOW, warn, onProblems: () => undefined });
  const found = await keys.certificates(claims);
  return {
    labels: found.map(({ label, certificate }) => `${label} ${certificate.primary.key.fingerprint}`),
    revoked: found.map(({ certificate }) => certificateState(certificate, NOW).revoked),
    complete: questions.complete,
  };
}

test('3.4 the label is that of the first place that has the certificate: global, local, keystore', async () => {
  const [global, local] = [await ring('GLOBAL', dana.certificate()), await ring('LOCAL', dana.certificate())];
  const keystore = keystoreWith(dana.certificate(), eve.certificate());
  const { labels } = await find([global, local], [keystore], claimOf(dana), claimOf(eve));
  expect(labels).toEqual([`GLOBAL ${dana.key.fingerprint}`, `REMOTE ${eve.key.fingerprint}`]);
});

test('≠Go 2.5 a revocation in any place counts: a global copy without it does not hide it', async () => {
  const [global, local] = [await ring('GLOBAL', dana.certificate()), await ring('LOCAL', dana.revoked())];
  expect((await find([global, local], [], claimOf(dana))).revoked).toEqual([true]);
});

test('≠Go several keystores are all asked: a revocation that one of them knows counts', async () => {
  const local = await ring('LOCAL', dana.certificate());
  const keystores = [keystoreWith(dana.certificate()), keystoreWith(dana.revoked())];
  expect((await find([local], keystores, claimOf(dana))).revoked).toEqual([true]);
});

test('a revocation goes into the rings of the user that hold the key, and into no others', async () => {
  const [global, local] = [await ring('GLOBAL', dana.certificate()), await ring('LOCAL', eve.certificate())];
  await find([global, local], [keystoreWith(dana.revoked())], claimOf(dana));
  expect(await readFile(join(folder, 'GLOBAL'))).toEqual(Buffer.from(dana.certificate()));
  expect(await readFile(join(folder, 'LOCAL'))).toEqual(Buffer.from(eve.certificate()));
});

test('7.5 a keystore is asked by fingerprint where there is one, and once for each key', async () => {
  const keystore = keystoreWith(dana.certificate());
  const byKeyId = { fingerprint: undefined, keyId: dana.key.key.keyId };
  await find([], [keystore], claimOf(dana), byKeyId, claimOf(dana));
  expect(keystore.asked).toEqual([dana.key.fingerprint]);
  const other = keystoreWith(dana.certificate());
  expect((await find([], [other], byKeyId)).labels).toEqual([`REMOTE ${dana.key.fingerprint}`]);
});

test('7.5 another key than the one asked for is a warning, and leaves open who signed', async () => {
  const { labels, complete } = await find([], [failing('WRONG_CERTIFICATE')], claimOf(dana));
  expect({ labels, complete }).toEqual({ labels: [], complete: false });
  expect(warnings).toEqual([expect.stringContaining(dana.key.fingerprint)]);
});

test('a keystore that is down is asked once', async () => {
  const down = failing('TIMEOUT');
  const questions = new KeystoreQuestions([down], warn);
  await questions.get('A'.repeat(40));
  await questions.get('B'.repeat(40));
  expect(down.asked).toBe(1);
  expect(warnings).toHaveLength(1);
});

test('7.5 an image that names thousands of keys does not make as many questions', async () => {
  const keystore = keystoreWith();
  const questions = new KeystoreQuestions([keystore], warn);
  for (let i = 0; i < 1000; i += 1) await questions.get(i.toString(16).padStart(40, '0'));
  expect(keystore.asked).toHaveLength(MAX_QUESTIONS);
  expect(questions.complete).toBe(false);
  expect(warnings).toHaveLength(1);
});
