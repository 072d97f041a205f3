import { PacketList, PublicKey, generateKey, revokeKey } from 'openpgp';

/**
 * A key in parts, as its owner may send them from several places: a user ID each, the subkey, the revocation. No two
 * parts hold the same signatures; each has the primary key and a user ID.
 *
 * @param {number} index
 */
export async function keyInParts(index) {
  const { privateKey } = await generateKey({
    type: 'ecc',
    curve: 'ed25519Legacy',
    userIDs: [1, 2, 3].map((n) => ({ name: `Node ${index} ${n}`, email: `node${index}.${n}@example.org` })),
    format: 'object',
  });
  const { publicKey } = await revokeKey({ key: privateKey, format: 'object' });
  const [primary, ...rest] = publicKey.toPacketList();
  if (primary === undefined) throw new Error('a key without a primary key');
  // Signatures follow what they are about; what is about the key itself comes first.
  /** @type {(typeof rest)[]} */
  const groups = [[]];
  for (const packet of rest) {
    if ('userID' in packet || 'publicParams' in packet) groups.push([]);
    groups.at(-1)?.push(packet);
  }
  const [revocation = [], first = [], second = [], third = [], subkey = []] = groups;
  const parts = [first, second, third, [...first, ...subkey], [...revocation, ...first]];
  return {
    fingerprint: publicKey.getFingerprint().toUpperCase(),
    parts: parts.map((packets) => {
      const list = new PacketList();
      list.push(primary, ...packets);
      return new PublicKey(list).armor();
    }),
    whole: '3 user IDs, 1 subkeys, 1 revocations',
  };
}
