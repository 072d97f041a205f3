/* The secret keys of all keyrings that a command reads, and the ring each is in. */
import { isNamed, readKeyName, theOnly } from '../../keyring/key-name.ts';
import type { SecretRing } from '../../keyring/secret-ring.ts';
import type { SecretKey } from '../../openpgp/secret-key.ts';
import type { Terminal } from '../terminal.ts';
import { warnOfProblems } from './keyrings.ts';

export interface HeldSecret {
  readonly key: SecretKey;
  readonly ring: SecretRing;
}

/** Warns of what cannot be read. */
export async function heldSecrets(rings: readonly SecretRing[], terminal: Terminal): Promise<HeldSecret[]> {
  const held: HeldSecret[] = [];
  for (const ring of rings) {
    const { keys, problems } = await ring.read();
    warnOfProblems(ring.path, problems, terminal);
    held.push(...keys.map((key) => ({ key, ring })));
  }
  return held;
}

/** Those of the one key that a name is the name of: one in each ring that has it. Throws as `theOnly` does. */
export function heldSecret(
  held: readonly HeldSecret[],
  text: string,
  rings: readonly SecretRing[],
): HeldSecret[] {
  const name = readKeyName(text);
  const named = held.filter(({ key }) => isNamed(name, key.certificate.primary.key));
  const where = rings.map(({ path }) => path).join(' or ');
  const only = theOnly(
    name,
    named.map(({ key }) => key.fingerprint),
    where,
  );
  return named.filter(({ key }) => key.fingerprint === only);
}
