import type { Certificate } from '../openpgp/certificate.ts';
import { checkCertificate } from '../openpgp/check.ts';
import type { CheckedCertificate } from '../openpgp/check.ts';
import { OpenPgpError } from '../openpgp/error.ts';
import { readKeyring } from '../openpgp/keyring.ts';
import { DEFAULT_CHECK_LIMITS } from '../openpgp/limits.ts';
import type { FindKeys } from '../openpgp/third-party.ts';
import { verifySignature } from '../openpgp/verify.ts';

/**
 * The certificate in the octets of one key of a file, every part of it verified. Certifications by others are
 * not looked at: nothing here depends on them, and what is written back is made of the octets. Throws an
 * `OpenPgpError`.
 */
export async function checkKey(bytes: Uint8Array, findKeys: FindKeys): Promise<Certificate> {
  return (await checkedKey(bytes, findKeys)).certificate;
}

/** The same, with what became of it. */
export async function checkedKey(bytes: Uint8Array, findKeys: FindKeys): Promise<CheckedCertificate> {
  const [group] = readKeyring(bytes).certificates;
  if (group === undefined) throw new OpenPgpError('BAD_CERTIFICATE', 'there is no public key in it');
  return checkCertificate(group, {
    limits: DEFAULT_CHECK_LIMITS,
    thirdParty: 'strip',
    findKeys,
    verify: verifySignature,
  });
}
