import { MemorySource } from '../../../build/bytes/memory-source.js';
import { IntegrityError } from '../../../build/integrity/error.js';
import { readEvidence } from '../../../build/integrity/read-evidence.js';
import { SifError } from '../../../build/sif/error.js';
import { openSif } from '../../../build/sif/image.js';
import { signedImages } from '../material.mjs';
import { filesIn, must, orLaterRefusal } from '../target.mjs';

/** Header, then a table of 48 slots of 585 octets from octet 4096 on, then contents. */
const TABLE = 4096;
const DESCRIPTOR = 585;
const SLOTS = 48;

/** @param {Uint8Array} octets */
function piecesOf(octets) {
  const at = (/** @type {number} */ slot) => TABLE + slot * DESCRIPTOR;
  const slots = Array.from({ length: SLOTS }, (_, slot) => octets.subarray(at(slot), at(slot + 1)));
  return [octets.subarray(0, TABLE), ...slots, octets.subarray(at(SLOTS))];
}

/**
 * @param {string | undefined} real
 * @returns {Promise<import('../target.mjs').Target>}
 */
export async function open(real) {
  const { images } = await signedImages();
  return {
    seeds: [...images, ...(real === undefined ? [] : filesIn(real, /\.sif$/))],
    words: [
      Buffer.from('SIF_MAGIC\u0000'),
      Buffer.from('01\u0000'),
      Buffer.of(5, 0x40, 0, 0),
      Buffer.of(1, 0, 0, 0xf0),
      Buffer.of(0, 0, 0, 0, 0, 0, 0, 0x80),
    ],
    pieces: piecesOf,
    most: 96 * 1024,
    feed: async (octets) => {
      const image = await orLaterRefusal(SifError, () => openSif(new MemorySource(octets)));
      if (image === undefined) return;
      for (const descriptor of image.descriptors) {
        must(image.protectedDescriptor(descriptor).length === 557, 'of a descriptor 557 octets are signed');
        must(
          descriptor.offset + descriptor.size <= octets.length || descriptor.size === 0,
          'objects are in the file',
        );
      }
      const evidence = await orLaterRefusal(SifError, () =>
        orLaterRefusal(IntegrityError, () => readEvidence(new MemorySource(octets))),
      );
      must(evidence === undefined || evidence.size === octets.length, 'evidence is of the whole file');
    },
  };
}
