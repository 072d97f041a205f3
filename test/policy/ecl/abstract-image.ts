/* Images for trying lists and policies on: what was signed by whom, and the same as facts of the policy room. */
import fc from 'fast-check';
import type { ImageFacts, KeyFact, SignatureFact } from '../../../src/policy/facts.ts';

/** Seconds since 1970, when every image is judged. */
export const NOW = 1_800_000_000;
const SIGNED = NOW - 1000;

export const [A = '', B = '', C = '', X = ''] = ['A', 'B', 'C', 'F'].map((digit) => digit.repeat(40));

export interface AbstractSignature {
  readonly group: number;
  /** Who the descriptor says made it. */
  readonly claims: string;
  /**
   * good: by that key. garbage: by nobody. dsse: an envelope. mismatch: by `C`, whoever is claimed. changed: by that
   * key, for another content. partial: by that key, for one object of the group.
   */
  readonly kind: 'good' | 'garbage' | 'dsse' | 'mismatch' | 'changed' | 'partial';
}

export interface AbstractImage {
  readonly path: string;
  /** Group of each object; 0: in none. */
  readonly objects: readonly number[];
  readonly signatures: readonly AbstractSignature[];
}

export interface AbstractKey {
  readonly fingerprint: string;
  readonly state: 'good' | 'expired' | 'revoked';
}

export const FOLDERS = ['/srv', '/srv/prod', '/srv/prod2', '/home/u', '/'] as const;

const kinds = fc.constantFrom<AbstractSignature['kind']>(
  ...(['good', 'good', 'good', 'good', 'good', 'garbage', 'dsse', 'mismatch', 'changed', 'partial'] as const),
);
const anyone = fc.constantFrom(A, B, C, X);
// Those who are in most keyrings: else hardly any image would be admitted.
const usual = fc.constantFrom(A, A, A, A, B, B, B, B, C, X);

const extras = fc.array(fc.record({ group: fc.constantFrom<number>(1, 2), claims: anyone, kind: kinds }), {
  minLength: 1,
  maxLength: 2,
});

/** Every group signed by everybody of a list, and at times some more. */
export const images: fc.Arbitrary<AbstractImage> = fc
  .record({
    folder: fc.constantFrom('/srv', '/srv', ...FOLDERS, '/srv/prod/sub'),
    objects: fc.array(fc.constantFrom<number>(1, 1, 1, 1, 1, 2, 2, 0), { minLength: 0, maxLength: 4 }),
    everywhere: fc.uniqueArray(usual, { minLength: 0, maxLength: 2 }),
    extra: fc.oneof(fc.constant<AbstractSignature[]>([]), extras),
  })
  .map(({ folder, objects, everywhere, extra }) => {
    // An object without a group refuses everything: rare enough to leave room for the rest.
    const placed = objects.map((group, i) => (group === 0 && i % 2 === 0 ? 1 : group));
    const groups = [...new Set(placed)].filter((group) => group > 0);
    const whole = groups.flatMap((group) =>
      everywhere.map((claims) => ({ group, claims, kind: 'good' as const })),
    );
    const more = extra.filter(({ group }) => groups.includes(group));
    return {
      path: `${folder === '/' ? '' : folder}/image.sif`,
      objects: placed,
      signatures: [...whole, ...more],
    };
  });

export const keyrings: fc.Arbitrary<AbstractKey[]> = fc.uniqueArray(
  fc.record({
    fingerprint: fc.constantFrom(A, A, B, B, C),
    state: fc.constantFrom<AbstractKey['state']>(
      'good',
      'good',
      'good',
      'good',
      'good',
      'good',
      'expired',
      'revoked',
    ),
  }),
  { selector: ({ fingerprint }) => fingerprint, minLength: 1, maxLength: 3 },
);

/** The same image as the policy room sees it on a host with these keys. */
export function factsOf(image: AbstractImage, keyring: readonly AbstractKey[]): ImageFacts {
  const objects = image.objects.map((group, i) => ({
    id: i + 1,
    ...(group > 0 && { group }),
    type: 'FS',
    primary: i === 0,
  }));
  return {
    path: Buffer.from(image.path),
    binding: 'fd',
    content: {
      kind: 'content',
      sha256: '0'.repeat(64),
      firstSeen: SIGNED,
      faults: [],
      objects,
      signatures: image.signatures.map((one, i) => {
        const covered = objects.filter(({ group }) => group === one.group).map(({ id }) => id);
        return signatureFact(one, 100 + i, covered, keyring);
      }),
      legacySignatures: 0,
    },
  };
}

function signatureFact(
  { group, claims, kind }: AbstractSignature,
  id: number,
  covered: readonly number[],
  keyring: readonly AbstractKey[],
): SignatureFact {
  const base = { id, group, claimed: [claims], created: SIGNED };
  const maker = makerOf(kind === 'mismatch' ? C : claims, keyring);
  const known = maker === undefined ? {} : { maker };
  switch (kind) {
    case 'good':
      return { ...base, format: 'pgp', covers: covered, ...known };
    case 'garbage':
      return {
        ...base,
        format: 'pgp',
        covers: [],
        fault: { reason: 'BAD_SIGNATURE', detail: 'does not fit' },
      };
    case 'dsse':
      return { id, group, claimed: [], format: 'dsse', covers: covered };
    case 'mismatch':
      return {
        ...base,
        claimed: [claims, C],
        format: 'pgp',
        covers: covered,
        // That the descriptor names another key can be seen only when the key is known.
        ...(maker !== undefined &&
          claims !== C && {
            fault: { reason: 'WRONG_FINGERPRINT' as const, detail: 'another key' },
          }),
        ...known,
      };
    case 'changed':
      return {
        ...base,
        format: 'pgp',
        covers: [],
        fault: { reason: 'CONTENT_CHANGED', detail: 'differs' },
        ...known,
      };
    case 'partial':
      return {
        ...base,
        format: 'pgp',
        covers: covered.slice(0, 1),
        ...(covered.length > 1 && { fault: { reason: 'OBJECT_NOT_SIGNED' as const, detail: 'not all' } }),
        ...known,
      };
  }
}

function makerOf(fingerprint: string, keyring: readonly AbstractKey[]): KeyFact | undefined {
  const key = keyring.find((one) => one.fingerprint === fingerprint);
  if (key === undefined) return undefined;
  return {
    fingerprint,
    signingKey: fingerprint,
    local: true,
    remote: false,
    ...(key.state === 'expired' && { expires: NOW - 10 }),
    ...(key.state === 'revoked' && {
      revocation: { hard: false, at: NOW - 10, text: 'retired', from: 'LOCAL' as const },
    }),
    standing: { asked: false, vanished: false, rollback: false, conflict: false },
  };
}
