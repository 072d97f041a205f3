import { OpenPgpError } from '../../../build/openpgp/error.js';
import { framePacket, framingOf, splitPackets } from '../../../build/openpgp/packet.js';
import { readPublicKey } from '../../../build/openpgp/public-key.js';
import { readSignature } from '../../../build/openpgp/signature.js';
import { certificates } from '../material.mjs';
import { packetsIn } from '../packets-in.mjs';
import { MOST_OCTETS, must, orRefusal } from '../target.mjs';

/**
 * @param {string | undefined} real
 * @returns {Promise<import('../target.mjs').Target>}
 */
export async function open(real) {
  return {
    seeds: await certificates(real),
    words: [
      Buffer.of(0x99, 1),
      Buffer.of(0xff, 0xff, 0xff, 0xff, 0xff),
      Buffer.of(0xc2, 0xe0),
      Buffer.of(0x88, 0),
    ],
    pieces: packetsIn,
    most: MOST_OCTETS,
    feed: (octets) => {
      const packets = orRefusal(OpenPgpError, () => splitPackets(octets)) ?? [];
      const whole = Buffer.concat(packets.map(({ raw }) => raw));
      must(packets.length === 0 || whole.equals(octets), 'packets are what was split, to the octet');
      for (const packet of packets) {
        const framed = framePacket(packet.tag, packet.body, framingOf(packet));
        must(Buffer.compare(framed.body, packet.body) === 0, 'a packet is framed again around the same body');
        orRefusal(OpenPgpError, () => readSignature(packet));
        orRefusal(OpenPgpError, () => readPublicKey(packet));
      }
    },
  };
}
