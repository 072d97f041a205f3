import { generateKey, PublicKey, PacketList, revokeKey, readKey } from 'openpgp';

/**
 * @typedef {{ fingerprint: string, versions: readonly string[] }} PoolKey
 *   `versions` are armors of one key as its owner extends it: each holds all that the one before held.
 */

export const VERSIONS = 3;

/**
 * Makes keys with their later states: first one user ID, then two, then revoked.
 *
 * @param {number} count
 * @returns {Promise<PoolKey[]>}
 */
export async function makePool(count) {
  const pool = [];
  for (let index = 0; index < count; index += 1) pool.push(await makeKey(index));
  return pool;
}

/** @param {number} index */
async function makeKey(index) {
  const { publicKey, privateKey } = await generateKey({
    type: 'ecc',
    curve: 'ed25519Legacy',
    userIDs: [
      { name: `Crash ${index}`, email: `crash${index}@example.org` },
      { name: `Crash ${index}`, email: `later${index}@example.org` },
    ],
    format: 'object',
  });
  const { publicKey: revoked } = await revokeKey({ key: privateKey, format: 'object' });
  return {
    fingerprint: publicKey.getFingerprint().toUpperCase(),
    versions: [withFirstUserId(publicKey).armor(), publicKey.armor(), revoked.armor()],
  };
}

/** @param {PublicKey} key */
function withFirstUserId(key) {
  const packets = key.toPacketList();
  const second = packets.findIndex((packet, index) => index > 1 && isUserId(packet));
  const subkey = packets.findIndex(
    (packet, index) => index > second && !isUserId(packet) && isSubkey(packet),
  );
  const kept = new PacketList();
  kept.push(...packets.slice(0, second), ...packets.slice(subkey));
  return new PublicKey(kept);
}

/** @param {object} packet */
function isUserId(packet) {
  return 'userID' in packet;
}

/** @param {object} packet */
function isSubkey(packet) {
  return 'publicParams' in packet;
}

/**
 * What a certificate holds, as one line.
 *
 * @param {string} armoredKey
 */
export async function describe(armoredKey) {
  const key = await readKey({ armoredKey });
  const revocations = key.revocationSignatures.length;
  return `${key.users.length} user IDs, ${key.subkeys.length} subkeys, ${revocations} revocations`;
}
