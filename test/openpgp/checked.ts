import { dearmor } from '../../src/openpgp/armor.ts';
import { serializeCertificate } from '../../src/openpgp/certificate.ts';
import { checkCertificate } from '../../src/openpgp/check.ts';
import type { CheckedCertificate, CheckOptions } from '../../src/openpgp/check.ts';
import { readKeyring } from '../../src/openpgp/keyring.ts';
import { DEFAULT_CHECK_LIMITS } from '../../src/openpgp/limits.ts';
import type { Packet } from '../../src/openpgp/packet.ts';
import { certificateState } from '../../src/openpgp/state.ts';
import type { CertificateState } from '../../src/openpgp/state.ts';
import { verifySignature } from '../../src/openpgp/verify.ts';
import { DAY, EPOCH, keyring, userId } from '../fixtures/test-key.ts';
import type { TestKey } from '../fixtures/test-key.ts';

export const OPTIONS: CheckOptions = {
  limits: DEFAULT_CHECK_LIMITS,
  thirdParty: 'strip',
  findKeys: async () => [],
  verify: verifySignature,
};

/** The first certificate of a binary keyring, checked. */
export async function checked(
  bytes: Uint8Array,
  options: Partial<CheckOptions> = {},
): Promise<CheckedCertificate> {
  const [group] = readKeyring(bytes).certificates;
  if (group === undefined) throw new Error('the keyring holds no certificate');
  return checkCertificate(group, { ...OPTIONS, ...options });
}

/** The bytes that would be stored of the first certificate of a binary keyring. */
export async function stored(bytes: Uint8Array, options: Partial<CheckOptions> = {}): Promise<Uint8Array> {
  return serializeCertificate((await checked(bytes, options)).certificate);
}

/** The data of the first armor block. */
export function unarmored(text: string | Uint8Array): Uint8Array {
  const [block] = dearmor(Buffer.from(text as string));
  if (block === undefined) throw new Error('no armor');
  return block.data;
}

/** When tests look at what they made: a year after it. */
export const NOW: number = EPOCH + 365 * DAY;

export async function stateOf(bytes: Uint8Array): Promise<CertificateState> {
  return certificateState((await checked(bytes)).certificate, NOW);
}

/** A primary key with one certified user ID, and whatever comes after. */
export function withIdentity(key: TestKey, ...more: Packet[]): Uint8Array {
  const alice = userId('Alice <alice@example.org>');
  return keyring(key.key.packet, alice, key.certify(alice), ...more);
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
