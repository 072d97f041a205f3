import { parseCertificate, serializeCertificate } from '../../../build/openpgp/certificate.js';
import { checkCertificate } from '../../../build/openpgp/check.js';
import { OpenPgpError } from '../../../build/openpgp/error.js';
import { readKeyring } from '../../../build/openpgp/keyring.js';
import { DEFAULT_CHECK_LIMITS } from '../../../build/openpgp/limits.js';
import { mergeCertificates } from '../../../build/openpgp/merge.js';
import { verifyForStore } from '../../../build/openpgp/verify-for-store.js';
import { certificates } from '../material.mjs';
import { packetsIn } from '../packets-in.mjs';
import { MOST_OCTETS, must, orLaterRefusal, orRefusal } from '../target.mjs';

/** @typedef {import('../../../build/openpgp/certificate.js').Certificate} Certificate */

/** @param {import('../../../build/openpgp/packet-group.js').PacketGroup} group */
const check = (group) =>
  checkCertificate(group, {
    limits: DEFAULT_CHECK_LIMITS,
    thirdParty: 'strip',
    findKeys: () => Promise.resolve([]),
    verify: verifyForStore,
  });

/**
 * @param {Certificate} one
 * @param {Certificate} other
 */
const same = (one, other) => Buffer.compare(serializeCertificate(one), serializeCertificate(other)) === 0;

/** Whatever comes in: what is kept reads, checks and merges as what it is. */
class Kept {
  /** @type {Map<string, Certificate>} the first that was seen of each */
  #first = new Map();

  /** @param {Certificate} certificate */
  async examine(certificate) {
    const octets = serializeCertificate(certificate);
    must(same(parseCertificate(octets), certificate), 'what is stored reads as it was');
    const [group] = readKeyring(octets).certificates;
    if (group === undefined) throw new Error('broken promise: what is stored is a keyring');
    must(same((await check(group)).certificate, certificate), 'what was checked passes again, unchanged');
    must(
      same(mergeCertificates(certificate, certificate), certificate),
      'merging with itself changes nothing',
    );
    const first = this.#first.get(certificate.primary.key.fingerprint);
    if (first === undefined) {
      this.#first.set(certificate.primary.key.fingerprint, certificate);
      return;
    }
    const merged = mergeCertificates(first, certificate);
    must(same(merged, mergeCertificates(certificate, first)), 'the order of merging does not matter');
    must(same(merged, mergeCertificates(merged, certificate)), 'merging again changes nothing');
  }
}

/**
 * @param {string | undefined} real
 * @returns {Promise<import('../target.mjs').Target>}
 */
export async function open(real) {
  const kept = new Kept();
  return {
    seeds: await certificates(real),
    words: [
      Buffer.of(0x99, 1),
      Buffer.of(4),
      Buffer.of(6),
      Buffer.of(0x20),
      Buffer.of(0x21),
      Buffer.of(0x28),
    ],
    pieces: packetsIn,
    most: MOST_OCTETS,
    feed: async (octets) => {
      const groups = orRefusal(OpenPgpError, () => readKeyring(octets))?.certificates ?? [];
      for (const group of groups) {
        const checked = await orLaterRefusal(OpenPgpError, () => check(group));
        if (checked !== undefined) await kept.examine(checked.certificate);
      }
    },
  };
}
