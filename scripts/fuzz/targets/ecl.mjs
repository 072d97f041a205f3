import { importEcl } from '../../../build/policy/ecl/import-ecl.js';
import { parseEcl } from '../../../build/policy/ecl/parse-ecl.js';
import { PolicyError } from '../../../build/policy/error.js';
import { parsePolicy } from '../../../build/policy/parse-policy.js';
import { linesOf, MOST_OCTETS, orRefusal, wordsOf } from '../target.mjs';

const EXAMPLE = `activated = true
legacyinsecure = false
[[execgroup]]
  tagname = "group1"
  mode = "whitelist"
  dirpath = "/var/containers"
  keyfp = ["7064B1D6EFF01B1262FED3F03581D99FE87EAFD1"]
[[execgroup]]
  tagname = "group2"
  mode = "whitestrict"
  dirpath = ""
  keyfp = ["7064B1D6EFF01B1262FED3F03581D99FE87EAFD1", "0000000000000000000000000000000000000001"]
[[execgroup]]
  tagname = "group3"
  mode = "blacklist"
  dirpath = "/tmp"
  keyfp = ["0000000000000000000000000000000000000002"]
`;

/** @param {import('../../../build/policy/ecl/ecl.js').Ecl} ecl */
function importedReads(ecl) {
  const options = /** @type {const} */ ({ flavour: 'singularity', keyring: [], acceptLegacy: true });
  const imported = orRefusal(PolicyError, () => importEcl(ecl, options));
  if (imported === undefined) return;
  // What was imported is a policy: a refusal is a fault.
  parsePolicy([{ name: 'policy.toml', octets: Buffer.from(imported.toml) }]);
}

/** @returns {Promise<import('../target.mjs').Target>} */
export async function open() {
  return {
    seeds: [Buffer.from(EXAMPLE)],
    words: wordsOf([
      '[[execgroup]]\n',
      'mode = "whitelist"\n',
      '"',
      '\\',
      '..',
      '\0',
      '[',
      'true',
      "'''",
      '\ufeff',
    ]),
    pieces: linesOf,
    most: MOST_OCTETS,
    feed: (octets) => {
      const ecl = orRefusal(PolicyError, () => parseEcl(Buffer.from(octets).toString(), 'ecl.toml'));
      if (ecl !== undefined) importedReads(ecl);
    },
  };
}
