import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { publicRingOf } from '../../keyring/location.ts';
import { systemCode, systemReason } from '../../keyring/system-reason.ts';
import { isClaimed } from '../../keyring/public-ring.ts';
import type { Certificate } from '../../openpgp/certificate.ts';
import type { Signature } from '../../openpgp/signature.ts';
import { AdmissionError } from '../error.ts';
import { MAX_KEY_FILES } from '../limits.ts';
import { revocationOf } from './bare-revocation.ts';
import { foreignHands, readKeyFile } from './key-file.ts';
import type { KeyFileContent } from './key-file.ts';
import type { LocalProblem, LocalSources } from './managed-key-book.ts';
import { mergeSeen } from './seen-certificate.ts';

export interface LocalKeysOptions {
  readonly sources: LocalSources;
  /** Whom the daemon runs as: only this user's files and root's are read. */
  readonly user: number;
  readonly now: () => number;
}

export interface LocalContent {
  /** By fingerprint of the primary key; copies in several files are merged. */
  readonly certificates: ReadonlyMap<string, Certificate>;
  /** Revocations that verify for none of these certificates. */
  readonly revocations: readonly BareRevocation[];
  readonly problems: readonly LocalProblem[];
}

export interface BareRevocation {
  readonly path: string;
  readonly signature: Signature;
}

const KEY_FILE = /\.(?:asc|pgp|gpg)$/i;

/** The certificates in files of this host. Files that did not change are not read again. */
export class LocalKeys {
  readonly #options: LocalKeysOptions;
  #known = new Map<string, KeyFileContent>();

  constructor(options: LocalKeysOptions) {
    this.#options = options;
  }

  /** Throws `KEYS_UNREADABLE` when a folder that was named cannot be read. */
  async requireFolders(): Promise<void> {
    for (const folder of this.#options.sources.folders) {
      try {
        await readdir(folder);
      } catch (cause) {
        const message = `the folder of keys ${folder} cannot be read: ${systemReason(cause)}`;
        throw new AdmissionError('KEYS_UNREADABLE', message, { cause });
      }
    }
  }

  async read(): Promise<LocalContent> {
    const { folders, rings } = this.#options.sources;
    const problems: LocalProblem[] = [];
    const paths: string[] = [];
    for (const folder of folders) paths.push(...(await this.#filesIn(folder, problems)));
    for (const ring of rings) if (await isThere(ring)) paths.push(ring);
    const read = new Map<string, KeyFileContent>();
    for (const path of new Set(paths)) read.set(path, await this.#content(path));
    this.#known = read;
    const certificates = new Map<string, Certificate>();
    for (const [path, content] of read) {
      problems.push(...content.problems.map((reason) => ({ path, reason })));
      for (const one of content.certificates) {
        const { fingerprint } = one.primary.key;
        certificates.set(fingerprint, mergeSeen(certificates.get(fingerprint), one));
      }
    }
    const bare = [...read].flatMap(([path, content]) =>
      content.revocations.map((signature): BareRevocation => ({ path, signature })),
    );
    const revocations: BareRevocation[] = [];
    for (const one of bare) if (!(await apply(one, certificates))) revocations.push(one);
    return { certificates, revocations, problems };
  }

  async #content(path: string): Promise<KeyFileContent> {
    const { user, now } = this.#options;
    const before = this.#known.get(path);
    const content = await readKeyFile(path, { user, now: now(), known: before?.mark });
    return content ?? before ?? { certificates: [], revocations: [], problems: [] };
  }

  async #filesIn(folder: string, problems: LocalProblem[]): Promise<string[]> {
    try {
      const foreign = foreignHands(await stat(folder, { bigint: true }), this.#options.user);
      const ring = publicRingOf(folder);
      const names = (await readdir(folder)).filter((name) => KEY_FILE.test(name)).toSorted();
      if (foreign !== undefined) {
        problems.push({ path: folder, reason: foreign });
        return [];
      }
      if (names.length > MAX_KEY_FILES) {
        problems.push({ path: folder, reason: `it has more than ${MAX_KEY_FILES} files of keys` });
        return [];
      }
      const files = names.map((name) => join(folder, name));
      return (await isThere(ring)) ? [ring, ...files] : files;
    } catch (error) {
      problems.push({ path: folder, reason: systemReason(error) });
      return [];
    }
  }
}

/** Whether it verifies for one of these, which has it then. */
async function apply(
  { signature }: BareRevocation,
  certificates: Map<string, Certificate>,
): Promise<boolean> {
  const keys = [...certificates.values()].map(({ primary }) => primary.key);
  let applied = false;
  for (const certificate of certificates.values()) {
    const revoked = await revocationOf(certificate, signature, (claims) =>
      Promise.resolve(keys.filter((key) => isClaimed(claims, key))),
    );
    if (revoked === undefined) continue;
    certificates.set(certificate.primary.key.fingerprint, mergeSeen(certificate, revoked));
    applied = true;
  }
  return applied;
}

/** Whatever else is wrong with it, reading it will tell. */
async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    return systemCode(error) !== 'ENOENT';
  }
}
