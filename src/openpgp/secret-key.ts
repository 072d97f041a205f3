/*
 * Transferable secret keys (RFC 9580 §10.2), kept packet by packet as they came: what is not understood is
 * neither lost nor rewritten. openpgp.js opens and closes the secret parts and does nothing else with them.
 */
import { concatBytes } from '../bytes/compare.ts';
import type { Certificate } from './certificate.ts';
import { checkCertificate } from './check.ts';
import { OpenPgpError } from './error.ts';
import { isSecret } from './keyring.ts';
import { DEFAULT_CHECK_LIMITS } from './limits.ts';
import { groupPackets } from './packet-group.ts';
import * as packets from './packet.ts';
import { splitPackets } from './packet.ts';
import type { Packet } from './packet.ts';
import { closeSecretPart, openSecretPart } from './secret-part.ts';
import { readSecretPacket, replaceSecretPart } from './secret-packet.ts';
import type { SecretPacket } from './secret-packet.ts';
import { UnlockedKey } from './unlocked-key.ts';
import type { OpenPart } from './unlocked-key.ts';
import { verifySignature } from './verify.ts';

/** A primary key with its subkeys, of which at least the public parts could be read. */
export class SecretKey {
  /** The public part, checked like any certificate: only what its own signatures prove. */
  readonly certificate: Certificate;
  /** All packets as they came. */
  readonly packets: readonly Packet[];
  readonly #parts: readonly SecretPacket[];

  private constructor(certificate: Certificate, all: readonly Packet[], parts: readonly SecretPacket[]) {
    this.certificate = certificate;
    this.packets = all;
    this.#parts = parts;
  }

  /**
   * Reads the packets of one secret key. Throws `BAD_SECRET_KEY`, `UNSUPPORTED_KEY`, and what
   * `checkCertificate` throws when its certificate proves nothing.
   */
  static async read(all: readonly Packet[]): Promise<SecretKey> {
    const parts: SecretPacket[] = [];
    const open = all.flatMap((packet) => {
      if (!isSecret(packet)) return IN_CERTIFICATES.has(packet.tag) ? [packet] : [];
      const part = readSecretPacket(packet);
      parts.push(part);
      return [part.publicKey.packet];
    });
    const [group] = groupPackets(open).groups;
    if (group === undefined || all[0]?.tag !== packets.SECRET_KEY) {
      throw new OpenPgpError('BAD_SECRET_KEY', 'it does not begin with a secret primary key');
    }
    const { certificate } = await checkCertificate(group, {
      limits: DEFAULT_CHECK_LIMITS,
      thirdParty: 'strip',
      findKeys: () => Promise.resolve([]),
      verify: verifySignature,
    });
    return new SecretKey(certificate, all, parts);
  }

  get fingerprint(): string {
    return this.certificate.primary.key.fingerprint;
  }

  /** True when a passphrase protects a part of it. */
  get locked(): boolean {
    return this.#parts.some(({ protection }) => protection === 'passphrase');
  }

  /** The octets of its packets, as a binary keyring holds them. */
  serialize(): Uint8Array {
    return concatBytes(this.packets.map(({ raw }) => raw));
  }

  /**
   * The key with its secret parts open for signing. Of a key that is not locked the passphrase is not looked
   * at. Throws `LOCKED_KEY` when one is needed, `WRONG_PASSPHRASE`, `NO_SECRET_PART` when gpg kept all of it
   * elsewhere, `UNSUPPORTED_PROTECTION`, `BAD_SECRET_KEY`.
   */
  async unlock(passphrase?: string): Promise<UnlockedKey> {
    const open: OpenPart[] = [];
    let failure: OpenPgpError | undefined;
    for (const part of this.#parts) {
      try {
        open.push({ key: part.publicKey, packet: await openSecretPart(part, passphrase) });
      } catch (error) {
        if (!(error instanceof OpenPgpError)) throw error;
        // gpg lets an offline primary key have subkeys that are here, and each its own passphrase.
        failure = worse(failure, error);
      }
    }
    if (open.length === 0) throw failure ?? new OpenPgpError('BAD_SECRET_KEY', 'it has no secret part');
    return new UnlockedKey(this.certificate, open);
  }

  /**
   * The same key under another passphrase, or under none. What gpg kept elsewhere stays as it is. Throws as
   * `unlock` does, when any part that is here does not open.
   */
  async withPassphrase(current: string | undefined, next: string | undefined): Promise<SecretKey> {
    const changed = new Map<Packet, Packet>();
    for (const part of this.#parts) {
      if (part.protection === 'absent' || part.protection === 'card') continue;
      const open = await openSecretPart(part, current);
      changed.set(part.packet, replaceSecretPart(part.packet, await closeSecretPart(open, next)));
    }
    if (changed.size === 0) throw noSecretPart();
    return SecretKey.read(this.packets.map((packet) => changed.get(packet) ?? packet));
  }
}

const IN_CERTIFICATES: ReadonlySet<number> = new Set([
  packets.SIGNATURE,
  packets.USER_ID,
  packets.PUBLIC_SUBKEY,
  packets.USER_ATTRIBUTE,
]);

/** What to tell when no part opens: what a passphrase could mend comes first. */
function worse(one: OpenPgpError | undefined, other: OpenPgpError): OpenPgpError {
  const rank = ({ code }: OpenPgpError): number => TELLING.indexOf(code);
  return one === undefined || rank(other) > rank(one) ? other : one;
}

const TELLING: readonly string[] = [
  'NO_SECRET_PART',
  'UNSUPPORTED_PROTECTION',
  'LOCKED_KEY',
  'WRONG_PASSPHRASE',
];

function noSecretPart(): OpenPgpError {
  return new OpenPgpError('NO_SECRET_PART', 'this file holds only the public part of the key');
}

/** A key of a keyring that cannot be used here, to be kept as it is. */
export interface UnreadableKey {
  readonly packets: readonly Packet[];
  readonly error: OpenPgpError;
}

export interface SecretKeyring {
  readonly keys: readonly SecretKey[];
  /** One bad key does not make the others unusable. */
  readonly unreadable: readonly UnreadableKey[];
}

/**
 * Reads a binary keyring of secret keys, as Singularity, Apptainer, `gpg --export-secret-keys` and
 * openpgp.js write it. Throws `BAD_PACKET` or `UPLOAD_TOO_LARGE` when it cannot be divided into packets.
 */
export async function readSecretKeys(octets: Uint8Array): Promise<SecretKeyring> {
  const keys: SecretKey[] = [];
  const unreadable: UnreadableKey[] = [];
  for (const all of divide(splitPackets(octets))) {
    try {
      keys.push(await SecretKey.read(all));
    } catch (error) {
      if (!(error instanceof OpenPgpError)) throw error;
      unreadable.push({ packets: all, error });
    }
  }
  return { keys, unreadable };
}

/** Each primary key with what follows it; what stands before the first one by itself. */
function divide(all: readonly Packet[]): Packet[][] {
  const divided: Packet[][] = [];
  for (const packet of all) {
    const last = divided.at(-1);
    const begins = packet.tag === packets.SECRET_KEY || packet.tag === packets.PUBLIC_KEY;
    if (last === undefined || begins) divided.push([packet]);
    else last.push(packet);
  }
  return divided;
}
