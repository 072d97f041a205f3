import { MemorySource } from '../../../build/bytes/memory-source.js';
import { readMetadata, writeMetadata } from '../../../build/integrity/metadata.js';
import { readSignatureContent } from '../../../build/integrity/signature-content.js';
import { openSif } from '../../../build/sif/image.js';
import { signedImages } from '../material.mjs';
import { filesIn, linesOf, MOST_OCTETS, must, wordsOf } from '../target.mjs';

const SIGNATURE = 0x4005;

/** @param {Uint8Array} image */
async function signaturesIn(image) {
  const { descriptors } = await openSif(new MemorySource(image));
  return descriptors
    .filter(({ type }) => type === SIGNATURE)
    .map(({ offset, size }) => image.subarray(offset, offset + size));
}

/** @param {string} text */
function examine(text) {
  const metadata = readMetadata(text);
  if (typeof metadata === 'string') return;
  must(text.replace(/[ \t\r\n]+/g, '') === writeMetadata(metadata), 'what is read is what signers write');
}

/**
 * @param {string | undefined} real
 * @returns {Promise<import('../target.mjs').Target>}
 */
export async function open(real) {
  const { images } = await signedImages();
  const all = [...images, ...(real === undefined ? [] : filesIn(real, /\.sif$/))];
  const signatures = (await Promise.all(all.map(signaturesIn))).flat();
  const texts = signatures.flatMap((octets) => {
    const content = readSignatureContent(octets);
    return content.kind === 'pgp' ? [Buffer.from(content.message.text)] : [];
  });
  return {
    seeds: [...signatures, ...texts],
    words: wordsOf([
      '"relativeId":0,',
      '"version":1,',
      '"digest":"sha256:',
      '{"objects":[',
      '1e0',
      '-0',
      '\\u0061',
      '"__proto__":{},',
      'Hash: SHA256\n',
      '- ',
      '\n-----BEGIN PGP SIGNATURE-----\n',
      'SIFHASH:\n',
      '"payloadType":"application/vnd.sylabs.sif-metadata+json",',
      ' \t',
      '\ufeff',
    ]),
    pieces: linesOf,
    most: MOST_OCTETS,
    feed: (octets) => {
      const content = readSignatureContent(octets);
      if (content.kind === 'pgp') examine(content.message.text);
      else if (content.kind === 'dsse') examine(Buffer.from(content.envelope.payload).toString());
      examine(Buffer.from(octets).toString());
    },
  };
}
