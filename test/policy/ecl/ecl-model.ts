/*
 * What Singularity and Apptainer do with an execution control list, written down a second time and on its own: from
 * the behaviour of their internal/pkg/syecl and of the SIF library's verifier. Knows nothing of policies.
 */
import type { AbstractImage, AbstractKey, AbstractSignature } from './abstract-image.ts';
import { C } from './abstract-image.ts';

export interface ModelGroup {
  readonly mode: 'whitelist' | 'whitestrict' | 'blacklist';
  readonly dirPath: string;
  readonly keys: readonly string[];
}

export interface ModelList {
  readonly activated: boolean;
  readonly groups: readonly ModelGroup[];
}

export type Flavour = 'singularity' | 'apptainer';

/** What the verifier makes of one signature. */
type Verified =
  | 'valid'
  /** `SignatureNotValidError`, which Apptainer passes over: unknown signer, expired, revoked, does not fit. */
  | 'not-valid'
  /** Another error, which ends it in both. */
  | 'fatal';

export function runs(
  list: ModelList,
  flavour: Flavour,
  image: AbstractImage,
  keyring: readonly AbstractKey[],
): boolean {
  if (!list.activated) return true;
  const group = execGroup(list, image.path);
  if (group === undefined) return false;
  const distrusted = verify(flavour, image, keyring);
  return distrusted !== undefined && check(group, image, distrusted);
}

/** The image with those signatures only that the verifier has nothing against. */
export function bareOf(image: AbstractImage, keyring: readonly AbstractKey[]): AbstractImage {
  const signatures = image.signatures.filter((one) => {
    const many = image.objects.filter((group) => group === one.group).length > 1;
    return verifyOne(one, many, keyring) === 'valid';
  });
  return { ...image, signatures };
}

function execGroup({ groups }: ModelList, path: string): ModelGroup | undefined {
  const folder = path.slice(0, path.lastIndexOf('/')) || '/';
  return groups.find(({ dirPath }) => dirPath === folder) ?? groups.find(({ dirPath }) => dirPath === '');
}

/** Claims of signatures that Apptainer passed over; undefined: the image is refused. */
function verify(
  flavour: Flavour,
  { objects, signatures }: AbstractImage,
  keyring: readonly AbstractKey[],
): ReadonlySet<string> | undefined {
  const groups = [...new Set(objects)];
  if (groups.length === 0 || groups.includes(0)) return undefined;
  const passedOver = new Set<string>();
  for (const group of groups) {
    const own = signatures.filter((one) => one.group === group);
    if (own.length === 0) return undefined;
    const many = objects.filter((one) => one === group).length > 1;
    for (const one of own) {
      const result = verifyOne(one, many, keyring);
      if (result === 'fatal' || (result === 'not-valid' && flavour === 'singularity')) return undefined;
      if (result === 'not-valid') passedOver.add(one.claims);
    }
  }
  return passedOver;
}

function verifyOne(
  { kind, claims }: AbstractSignature,
  many: boolean,
  keyring: readonly AbstractKey[],
): Verified {
  if (kind === 'dsse') return 'fatal';
  const maker = kind === 'mismatch' ? C : claims;
  const usable = keyring.some(({ fingerprint, state }) => fingerprint === maker && state === 'good');
  if (kind === 'garbage' || !usable) return 'not-valid';
  if (kind === 'mismatch' && claims !== C) return 'fatal';
  return kind === 'changed' || (kind === 'partial' && many) ? 'fatal' : 'valid';
}

function check(
  { mode, keys }: ModelGroup,
  { objects, signatures }: AbstractImage,
  distrusted: ReadonlySet<string>,
): boolean {
  const groups = [...new Set(objects)];
  const named = (key: string, group: number): boolean =>
    signatures.some((one) => one.group === group && one.claims === key);
  const signedAll = (key: string): boolean =>
    groups.every((group) => named(key, group)) && !distrusted.has(key);
  switch (mode) {
    case 'whitelist':
      return keys.some(signedAll);
    case 'whitestrict':
      return keys.every(signedAll);
    case 'blacklist':
      return !keys.some((key) => groups.some((group) => named(key, group)));
  }
}
