/* Signatures with the keys and subjects they are to be verified with: what two verifiers are compared on. */
import { groupPackets } from '../../src/openpgp/packet-group.ts';
import type { PacketGroup } from '../../src/openpgp/packet-group.ts';
import * as packets from '../../src/openpgp/packet.ts';
import { splitPackets } from '../../src/openpgp/packet.ts';
import type { Packet } from '../../src/openpgp/packet.ts';
import { readPublicKey } from '../../src/openpgp/public-key.ts';
import type { PublicKey } from '../../src/openpgp/public-key.ts';
import { readSignature } from '../../src/openpgp/signature.ts';
import type { Signature } from '../../src/openpgp/signature.ts';
import { keySubject, subkeySubject, userIdSubject } from '../../src/openpgp/subject.ts';
import { EMBEDDED_SIGNATURE } from '../../src/openpgp/subpacket.ts';
import { dsaSigner, ecdsaSigner, edwardsSigner, legacyEdwardsSigner, rsaSigner } from './any-signer.ts';
import type { AnySigner } from './any-signer.ts';

export interface Specimen {
  readonly name: string;
  readonly signature: Signature;
  readonly key: PublicKey;
  readonly subject: Uint8Array;
}

/** Hash algorithms that node:crypto has, by ID (RFC 9580 §9.5). */
export const HASHES = [
  { id: 1, name: 'md5' },
  { id: 2, name: 'sha1' },
  { id: 3, name: 'ripemd160' },
  { id: 8, name: 'sha256' },
  { id: 9, name: 'sha384' },
  { id: 10, name: 'sha512' },
  { id: 11, name: 'sha224' },
  { id: 12, name: 'sha3-256' },
  { id: 14, name: 'sha3-512' },
];

/** One key of every algorithm, those that only openpgp.js judges among them. */
export function signersOfAllKinds(): Map<string, AnySigner> {
  return new Map([
    ['RSA of 1024 bits', rsaSigner(1024)],
    ['RSA of 1025 bits', rsaSigner(1025)],
    ['RSA of 2048 bits', rsaSigner(2048)],
    ['RSA of 768 bits', rsaSigner(768)],
    ['DSA', dsaSigner(1024, 160)],
    ['ECDSA on P-256', ecdsaSigner('prime256v1', '2a8648ce3d030107', 32)],
    ['ECDSA on P-384', ecdsaSigner('secp384r1', '2b81040022', 48)],
    ['ECDSA on P-521', ecdsaSigner('secp521r1', '2b81040023', 66)],
    ['ECDSA on secp256k1', ecdsaSigner('secp256k1', '2b8104000a', 32)],
    ['ECDSA on brainpoolP256r1', ecdsaSigner('brainpoolP256r1', '2b2403030208010107', 32)],
    ['EdDSA of version 4', legacyEdwardsSigner()],
    ['Ed25519 in version 4', edwardsSigner('ed25519', 4)],
    ['Ed25519 in version 6', edwardsSigner('ed25519', 6)],
    ['Ed448 in version 6', edwardsSigner('ed448', 6)],
  ]);
}

/** A signature of every hash by each of the signers. */
export function madeSpecimens(signers: ReadonlyMap<string, AnySigner>): Specimen[] {
  return [...signers].flatMap(([name, signer]) =>
    HASHES.map((hash) => {
      const subject = keySubject(signer.key);
      return {
        name: `${name}, ${hash.name}`,
        signature: signer.sign(subject, { hash }),
        key: signer.key,
        subject,
      };
    }),
  );
}

/** Every signature in a keyring with the primary key, those on subkeys with the subkey as well. */
export function specimensIn(name: string, bytes: Uint8Array): Specimen[] {
  const own = new Set<number>([
    packets.SIGNATURE,
    packets.PUBLIC_KEY,
    packets.PUBLIC_SUBKEY,
    packets.USER_ID,
    packets.USER_ATTRIBUTE,
  ]);
  const { groups } = groupPackets(splitPackets(bytes).filter(({ tag }) => own.has(tag)));
  return groups.flatMap((group) => specimensOf(name, group));
}

function specimensOf(name: string, { primary: packet, direct, userIds, subkeys }: PacketGroup): Specimen[] {
  const primary = tryTo(() => readPublicKey(packet));
  if (primary === undefined) return [];
  const on = (by: readonly Packet[], subject: Uint8Array, keys: readonly PublicKey[]): Specimen[] =>
    by.flatMap((one) => {
      const signature = tryTo(() => readSignature(one));
      if (signature === undefined) return [];
      const all = [signature, ...embeddedIn(signature)];
      return all.flatMap((its) => keys.map((key) => ({ name, signature: its, key, subject })));
    });
  return [
    ...on(direct, keySubject(primary), [primary]),
    ...userIds.flatMap((one) => on(one.signatures, userIdSubject(primary, one.packet), [primary])),
    ...subkeys.flatMap((one) => {
      const subkey = tryTo(() => readPublicKey(one.packet));
      return subkey === undefined
        ? []
        : on(one.signatures, subkeySubject(primary, subkey), [primary, subkey]);
    }),
  ];
}

function embeddedIn({ hashed, unhashed }: Signature): Signature[] {
  return [...hashed, ...unhashed].flatMap(({ type, body }) => {
    if (type !== EMBEDDED_SIGNATURE) return [];
    const packet = packets.framePacket(packets.SIGNATURE, body, { legacy: false, lengthOctets: 1 });
    return tryTo(() => readSignature(packet)) ?? [];
  });
}

/** Undefined where it throws: what cannot be read is not verified by anybody. */
export function tryTo<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
