import { beforeAll, describe, expect, test } from 'vitest';

import { publicKeyVerifier } from '../../src/integrity/envelope-verifier.ts';
import type { KeySource } from '../../src/integrity/key-source.ts';
import { armoredCertificate, corpus, HAVE_CORPUS, keySource, outcomes, verify } from './verified.ts';

/** When the corpus was read: its keys do not expire. */
const AT = 1_790_000_000;

describe.skipIf(!HAVE_CORPUS)('published images (needs ../shared/testdata)', () => {
  let keys: KeySource;
  beforeAll(async () => {
    keys = keySource(
      await armoredCertificate('sylabs-sif/pgp-public.asc'),
      await armoredCertificate('singularity/pgp-public.asc'),
    );
  });
  const look = (path: string, options = {}) => verify(corpus(path), { keys, at: AT, ...options });

  test('6.1 an image without objects has no group', async () => {
    for (const path of ['sylabs-sif/empty.sif', 'sylabs-sif/empty-launch-script.sif']) {
      const report = await look(path);
      expect(report).toMatchObject({ verified: false, faults: [{ code: 'NO_OBJECTS' }], tasks: [] });
      expect((await look(path, { selection: { groups: [1] } })).faults).toEqual([{ code: 'NO_OBJECTS' }]);
    }
  });

  test('6.1 groups and objects that are not there are refused', async () => {
    const path = 'sylabs-sif/one-group.sif';
    for (const id of [0, 2]) {
      await expect(look(path, { selection: { groups: [id] } })).rejects.toMatchObject({
        code: 'NO_SUCH_GROUP',
      });
    }
    for (const id of [0, 3]) {
      await expect(look(path, { selection: { objects: [id] } })).rejects.toMatchObject({
        code: 'NO_SUCH_OBJECT',
      });
    }
  });

  test.each(['one-group', 'two-groups', 'one-object-generic-json', 'one-object-oci-blob', 'one-object-sbom'])(
    '6.1 %s is unsigned',
    async (name) => {
      const report = await look(`sylabs-sif/${name}.sif`);
      expect(report.verified).toBe(false);
      expect(report.tasks.map(({ verdict }) => verdict)).toEqual(report.tasks.map(() => 'unsigned'));
    },
  );

  test('6.1 a key that was self-signed again after it signed still verifies', async () => {
    const report = await look('sylabs-sif/one-group-signed-pgp.sif', { wholeFile: true });
    expect(report).toMatchObject({
      verified: true,
      complete: true,
      strayObjects: [],
      legacySignatures: [],
      trailingOctets: 0,
      tasks: [
        {
          groupId: 1,
          verdict: 'verified',
          signatures: [
            {
              signatureId: 3,
              format: 'pgp',
              objects: [1, 2],
              created: 1_593_475_316,
              signer: {
                label: 'LOCAL',
                weak: false,
                fingerprint: '12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84',
              },
            },
          ],
        },
      ],
    });
    expect(report.fileDigest).toMatch(/^b3a264b0/);
  });

  test('6.1 objects and groups alone', async () => {
    const path = 'sylabs-sif/one-group-signed-pgp.sif';
    expect(outcomes(await look(path, { selection: { objects: [2, 1] } }))).toEqual([
      ['valid 1'],
      ['valid 2'],
    ]);
    const group = await look(path, { selection: { groups: [1] } });
    expect(group).toMatchObject({ verified: true, complete: false });
    expect(outcomes(group)).toEqual([['valid 1,2']]);
  });

  test('6.1 without the key the signer is unknown', async () => {
    const report = await look('sylabs-sif/one-group-signed-pgp.sif', { keys: keySource() });
    expect(report.verified).toBe(false);
    expect(report.tasks[0]?.signatures).toMatchObject([
      { outcome: 'unknown-signer', claims: [{ fingerprint: '12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84' }] },
    ]);
  });

  test('6.1 two groups, a signature each', async () => {
    const path = 'sylabs-sif/two-groups-signed-pgp.sif';
    const report = await look(path);
    expect(report.verified).toBe(true);
    expect(outcomes(report)).toEqual([['valid 1,2'], ['valid 3']]);
    expect(outcomes(await look(path, { selection: { groups: [2] } }))).toEqual([['valid 3']]);
  });

  test.each(['ed25519', 'rsa'])('6.1 an envelope with two signatures, by the %s key', async (kind) => {
    const verifiers = [publicKeyVerifier(corpus(`sylabs-sif/${kind}-public.pem`))];
    const report = await look('sylabs-sif/one-group-signed-dsse.sif', { verifiers });
    expect(report.verified).toBe(true);
    expect(outcomes(report)).toEqual([['valid 1,2']]);
  });

  test('6.1 an envelope is by nobody known when there are only certificates', async () => {
    const report = await look('sylabs-sif/one-group-signed-dsse.sif');
    expect(report.tasks[0]?.signatures).toMatchObject([
      {
        outcome: 'unknown-signer',
        keyIds: expect.arrayContaining([expect.stringMatching(/^SHA256:x6l8ZblpSSXG/)]),
      },
    ]);
  });

  test('6.1 a legacy signature does not sign a group', async () => {
    expect(await look('sylabs-sif/one-group-signed-legacy.sif')).toMatchObject({
      verified: false,
      legacySignatures: [3],
      tasks: [{ verdict: 'unsigned', signatures: [] }],
    });
  });

  test('6.3 images of writer v1', async () => {
    expect(outcomes(await look('singularity/one-group-signed-pgp.sif'))).toEqual([['valid 1,2']]);
    expect(outcomes(await look('singularity/one-group.sif'))).toEqual([[]]);
  });
});
