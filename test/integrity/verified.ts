import { existsSync, readFileSync } from 'node:fs';

import { MemorySource } from '../../src/bytes/memory-source.ts';
import type { FoundCertificate, KeySource } from '../../src/integrity/key-source.ts';
import type { ImageReport, SignatureReport } from '../../src/integrity/report.ts';
import { verifyImage } from '../../src/integrity/verify-image.ts';
import type { VerifyOptions } from '../../src/integrity/verify-image.ts';
import type { Certificate } from '../../src/openpgp/certificate.ts';
import { openSif } from '../../src/sif/image.ts';
import type { TestKey } from '../fixtures/test-key.ts';
import { checked, NOW, unarmored, withIdentity } from '../openpgp/checked.ts';

/** Images and keys that others published for their tests; a clone of the project alone lacks them. */
const FOLDER = new URL('../../../shared/testdata/sif/', import.meta.url);
export const HAVE_CORPUS: boolean = existsSync(FOLDER);
export const corpus = (path: string): Buffer => readFileSync(new URL(path, FOLDER));

export function keySource(...found: (Certificate | FoundCertificate)[]): KeySource {
  const all = found.map((one) => ('label' in one ? one : { certificate: one, label: 'LOCAL' as const }));
  return {
    certificates: async (claims) =>
      all.filter(({ certificate: { primary, subkeys } }) =>
        [primary, ...subkeys].some(({ key }) =>
          claims.some(
            ({ fingerprint, keyId }) =>
              (fingerprint ?? key.fingerprint) === key.fingerprint && keyId === key.keyId,
          ),
        ),
      ),
  };
}

/** The certificate of a test key with one user ID. */
export async function certificateOf(key: TestKey): Promise<Certificate> {
  return (await checked(withIdentity(key))).certificate;
}

export async function armoredCertificate(path: string): Promise<Certificate> {
  return (await checked(unarmored(corpus(path)))).certificate;
}

export async function verify(image: Uint8Array, options: Partial<VerifyOptions> = {}): Promise<ImageReport> {
  return verifyImage(await openSif(new MemorySource(image)), { at: NOW, ...options });
}

/** What became of each signature: `valid 1,2`, the reason of a refusal and its object, `unknown-signer`. */
export function outcomes({ tasks }: ImageReport): string[][] {
  return tasks.map(({ signatures }) => signatures.map(outcome));
}

function outcome(report: SignatureReport): string {
  if (report.outcome === 'valid') return `valid ${report.objects.join(',')}`;
  if (report.outcome === 'unknown-signer') return report.outcome;
  return report.objectId === undefined ? report.reason : `${report.reason} ${report.objectId}`;
}
