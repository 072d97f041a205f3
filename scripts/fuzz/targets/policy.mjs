import { readFileSync } from 'node:fs';
import { PolicyError } from '../../../build/policy/error.js';
import { lintPolicy } from '../../../build/policy/lint.js';
import { parsePolicy } from '../../../build/policy/parse-policy.js';
import { linesOf, MOST_OCTETS, orRefusal, wordsOf } from '../target.mjs';

const EXAMPLE = readFileSync(new URL('../../../config/policy.toml', import.meta.url));
const NOW = 1_790_000_000;

const AS_JSON = {
  version: 1,
  defaults: { mode: 'enforce', min_binding: 'path' },
  signer: [{ name: 'a', keys: ['7C439DD7826EC057DF79B3F3ED1F4B05D02CA3DD'] }],
  rule: [{ name: 'all', scope: '/srv', require: { set: 'a', threshold: 1 } }],
};

/** @returns {Promise<import('../target.mjs').Target>} */
export async function open() {
  const lines = linesOf(EXAMPLE).filter((line) => !/^(?:#|\s*$)/.test(line.toString()));
  return {
    seeds: [EXAMPLE, Buffer.concat(lines), Buffer.from(JSON.stringify(AS_JSON, null, 1))],
    words: [
      ...lines,
      ...wordsOf([
        '[[',
        ']]',
        '"""',
        "'''",
        '\\u0000',
        '\\U0010FFFF',
        '1979-05-27',
        '0x',
        '_',
        'inf',
        '{',
        '}',
        '.',
      ]),
      ...wordsOf([
        '"__proto__"',
        'constructor',
        '/../',
        '\0',
        '\ufeff',
        '9223372036854775808',
        '= {a.b = 1, a = 2}\n',
      ]),
    ],
    pieces: linesOf,
    most: MOST_OCTETS,
    feed: (octets) => {
      const json = Buffer.from(octets).toString('latin1').trimStart().startsWith('{');
      const file = { name: json ? 'policy.json' : 'policy.toml', octets };
      const policy = orRefusal(PolicyError, () => parsePolicy([file]));
      if (policy !== undefined) lintPolicy(policy, () => undefined, NOW);
    },
  };
}
