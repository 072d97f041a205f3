/* The certificates of all keyrings that a command reads, each once, and the ring each is in. */
import { isCertificateNamed, isNamed, readKeyName, theOnly } from '../../keyring/key-name.ts';
import type { PublicRing } from '../../keyring/public-ring.ts';
import type { Certificate } from '../../openpgp/certificate.ts';
import type { Terminal } from '../terminal.ts';
import { warnOfProblems } from './keyrings.ts';

export interface HeldKey {
  readonly certificate: Certificate;
  readonly ring: PublicRing;
}

/** Warns of what cannot be read. */
export async function heldKeys(rings: readonly PublicRing[], terminal: Terminal): Promise<HeldKey[]> {
  const held: HeldKey[] = [];
  for (const ring of rings) {
    const { certificates, problems } = await ring.read();
    warnOfProblems(ring.path, problems, terminal);
    held.push(...certificates.map((certificate) => ({ certificate, ring })));
  }
  return held;
}

/** The one that a name is the name of: of the primary key before any subkey. Throws as `theOnly` does. */
export function heldKey(held: readonly HeldKey[], text: string, rings: readonly PublicRing[]): HeldKey[] {
  const name = readKeyName(text);
  const byPrimary = held.filter(({ certificate }) => isNamed(name, certificate.primary.key));
  const named =
    byPrimary.length > 0
      ? byPrimary
      : held.filter(({ certificate }) => isCertificateNamed(name, certificate));
  const where = rings.map(({ path }) => path).join(' or ');
  const only = theOnly(
    name,
    named.map(({ certificate }) => certificate.primary.key.fingerprint),
    where,
  );
  return named.filter(({ certificate }) => certificate.primary.key.fingerprint === only);
}
