import { OpenPgpError } from '../../build/openpgp/error.js';
import { splitPackets } from '../../build/openpgp/packet.js';
import { orRefusal } from './target.mjs';

/**
 * The packets of a keyring; itself in one piece when it cannot be split.
 *
 * @param {Uint8Array} octets
 * @returns {readonly Uint8Array[]}
 */
export function packetsIn(octets) {
  return orRefusal(OpenPgpError, () => splitPackets(octets))?.map(({ raw }) => raw) ?? [octets];
}
