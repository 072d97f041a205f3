import { armor, dearmor } from '../../../build/openpgp/armor.js';
import { OpenPgpError } from '../../../build/openpgp/error.js';
import { certificates } from '../material.mjs';
import { linesOf, MOST_OCTETS, must, orRefusal, wordsOf } from '../target.mjs';

/**
 * @param {string | undefined} real
 * @returns {Promise<import('../target.mjs').Target>}
 */
export async function open(real) {
  const texts = (await certificates(real)).map((octets) => armor(octets));
  const around = `Somebody wrote:\r\n${texts[0]}\r\n-- \r\n${texts[1]}`;
  return {
    seeds: [...texts, around, texts[0]?.replace('\n\n', '\nVersion: x\nComment: y\n\n') ?? ''].map((text) =>
      Buffer.from(text),
    ),
    words: wordsOf([
      '-----BEGIN PGP PUBLIC KEY BLOCK-----\n',
      '-----END PGP PUBLIC KEY BLOCK-----\n',
      '-----BEGIN PGP SIGNATURE-----\n\n',
      '\n\n',
      '\r',
      '=',
      '=AAAA\n',
      'Comment: x\n',
      '\u00ef\u00bb\u00bf',
      '\0',
      '-----',
      '- -----',
    ]),
    pieces: linesOf,
    most: MOST_OCTETS,
    feed: (octets) => {
      for (const { data } of orRefusal(OpenPgpError, () => dearmor(octets)) ?? []) {
        const [again] = dearmor(Buffer.from(armor(data)));
        must(
          again !== undefined && Buffer.compare(again.data, data) === 0,
          'what is armored reads as it was',
        );
      }
    },
  };
}
