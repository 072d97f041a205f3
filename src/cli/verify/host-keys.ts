import type { Certificate } from '../../openpgp/certificate.ts';
import { mergeCertificates } from '../../openpgp/merge.ts';
import type { PublicKey } from '../../openpgp/public-key.ts';
import type { IssuerClaim } from '../../openpgp/signature.ts';
import { certificateState } from '../../openpgp/state.ts';
import type { FoundCertificate, KeyLabel, KeySource } from '../../integrity/key-source.ts';
import { KeyringError } from '../../keyring/error.ts';
import { isClaimed } from '../../keyring/public-ring.ts';
import type { PublicRing, RingProblem } from '../../keyring/public-ring.ts';
import type { KeystoreQuestions } from './keystore-questions.ts';

/** A keyring of this host. */
export interface LabelledRing {
  readonly label: Exclude<KeyLabel, 'REMOTE'>;
  readonly ring: PublicRing;
}

export interface HostKeysOptions {
  /** In the order of preference: the administrator's before the user's. */
  readonly rings: readonly LabelledRing[];
  /** Asked for keys that no ring has, and for news of those that one has. None with `--local`. */
  readonly keystores: KeystoreQuestions;
  /** Seconds since 1970. */
  readonly at: number;
  /** Takes what a person should know. */
  readonly warn: (text: string) => void;
  readonly onProblems: (path: string, problems: readonly RingProblem[]) => void;
}

interface Held extends FoundCertificate {
  /** Of the user, with this key in them. */
  readonly writable: readonly PublicRing[];
}

/**
 * Keys of this host first, then those of keystores. Where Singularity asks a keystore only for what it does
 * not have, a key of this host is asked for as well: a revocation that was published yesterday counts today.
 * Copies of one certificate are merged, and bear the label of the first place that had it.
 */
export class HostKeys implements KeySource {
  readonly #options: HostKeysOptions;
  readonly #reported = new Set<string>();

  constructor(options: HostKeysOptions) {
    this.#options = options;
  }

  async certificates(claims: readonly IssuerClaim[]): Promise<readonly FoundCertificate[]> {
    const held = await this.#held(claims);
    const missing = claims.filter((claim) => ![...held.values()].some((one) => satisfies(one, claim)));
    const found = new Map<string, FoundCertificate>(held);
    const [, fetched] = await Promise.all([this.#refresh(held, found), this.#fetch(missing)]);
    for (const certificate of fetched) {
      const { fingerprint } = certificate.primary.key;
      const before = found.get(fingerprint);
      const merged = before ? mergeCertificates(before.certificate, certificate) : certificate;
      found.set(fingerprint, { certificate: merged, label: before?.label ?? 'REMOTE' });
    }
    return [...found.values()];
  }

  async #held(claims: readonly IssuerClaim[]): Promise<Map<string, Held>> {
    const held = new Map<string, Held>();
    for (const { label, ring } of this.#options.rings) {
      const { certificates, problems } = await ring.read((key: PublicKey) => isClaimed(claims, key));
      this.#report(ring.path, problems);
      for (const certificate of certificates) {
        const { fingerprint } = certificate.primary.key;
        const before = held.get(fingerprint);
        held.set(fingerprint, {
          certificate: before ? mergeCertificates(before.certificate, certificate) : certificate,
          label: before?.label ?? label,
          writable: [...(before?.writable ?? []), ...(label === 'LOCAL' ? [ring] : [])],
        });
      }
    }
    return held;
  }

  /** A ring is read for every signature; what is wrong with it is said once. */
  #report(path: string, problems: readonly RingProblem[]): void {
    if (problems.length === 0 || this.#reported.has(path)) return;
    this.#reported.add(path);
    this.#options.onProblems(path, problems);
  }

  async #refresh(held: ReadonlyMap<string, Held>, found: Map<string, FoundCertificate>): Promise<void> {
    const { keystores } = this.#options;
    await Promise.all(
      [...held].map(async ([fingerprint, one]) => {
        const news = (await keystores.get(fingerprint)).filter(
          ({ primary }) => primary.key.fingerprint === fingerprint,
        );
        const certificate = news.reduce(mergeCertificates, one.certificate);
        found.set(fingerprint, { certificate, label: one.label });
        await this.#keepRevocation(one, certificate);
      }),
    );
  }

  /** A revocation, once seen, stays seen: also when the keystore is gone, or forgets it. */
  async #keepRevocation({ certificate: before, writable }: Held, certificate: Certificate): Promise<void> {
    const { at, warn } = this.#options;
    if (certificateState(before, at).revoked || !certificateState(certificate, at).revoked) return;
    for (const ring of writable) {
      try {
        await ring.add([certificate], 'held');
        warn(
          `the keystore says that key ${before.primary.key.fingerprint} is revoked; ${ring.path} has it now`,
        );
      } catch (error) {
        if (!(error instanceof KeyringError)) throw error;
        warn(`the revocation of key ${before.primary.key.fingerprint} cannot be kept: ${error.message}`);
      }
    }
  }

  async #fetch(claims: readonly IssuerClaim[]): Promise<Certificate[]> {
    const fingerprints = claims.filter(({ fingerprint }) => fingerprint !== undefined);
    const ids = new Set(
      claims.flatMap(({ fingerprint, keyId }) => {
        if (fingerprint !== undefined) return [fingerprint];
        // A fingerprint says all that its key ID says.
        return fingerprints.some((one) => one.keyId === keyId) ? [] : [keyId];
      }),
    );
    const answers = await Promise.all([...ids].map((id) => this.#options.keystores.get(id)));
    return answers.flat();
  }
}

function satisfies({ certificate: { primary, subkeys } }: FoundCertificate, claim: IssuerClaim): boolean {
  return [primary, ...subkeys].some(({ key }) => isClaimed([claim], key));
}
