/*
 * Lists the attacks that the tests hold off, each with the test files that name it. Exits 1 when one of them is named
 * by no test, or a table by fewer tests than it has rows.
 *
 *   AD1 …      the acceptance list of the trust daemon
 *   H1 … L31   the conformance list of the keystore: H requests, A who may push, U uploads, L lookups
 *   S7.1 …     tables of attacks on images: file and header, descriptors, additions and replay, message, keys, several
 *              signatures, file system and time, writing
 *   F1 …       abuse of key servers that was seen in the field
 *   CVE-…      vulnerabilities of other programs that could have been ours
 *
 *   node scripts/attack-index.mjs [FOLDER]
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** How many there are of each list whose ids are numbered from 1. */
const LISTS = new Map([
  ['AD', 28],
  ['H', 32],
  ['A', 13],
  ['U', 55],
  ['L', 31],
  ['F', 11],
]);

/** Tables, and how many rows each has: so many tests have to name it at the least. */
const TABLES = new Map([
  ['S7.1', 18],
  ['S7.2', 22],
  ['S7.3', 20],
  ['S7.4', 22],
  ['S7.5', 18],
  ['S7.6', 17],
  ['S7.7', 14],
  ['S7.8', 7],
]);

/** What went wrong elsewhere, in what reads, verifies or answers for SIF images, OpenPGP messages and keys. */
const VULNERABILITIES = [
  'CVE-2014-3207',
  'CVE-2019-11841',
  'CVE-2019-13050',
  'CVE-2019-19724',
  'CVE-2020-13845',
  'CVE-2020-13846',
  'CVE-2020-13847',
  'CVE-2020-25039',
  'CVE-2020-25040',
  'CVE-2021-29499',
  'CVE-2021-32635',
  'CVE-2021-41190',
  'CVE-2022-23538',
  'CVE-2022-39237',
  'CVE-2023-41037',
  'CVE-2024-3727',
  'CVE-2025-47934',
  'CVE-2025-68972',
  'CVE-2026-47215',
  'CVE-2026-48785',
];

/** An id where a test has it in its name, or in a row of a table of tests. The S of a table may be left out. */
const ID = /\bCVE-\d{4}-\d+\b|(?<![\w.])S?7\.[1-8](?![\d.]*\d)|\b(?:AD|[HAULF])\d+\b/g;

/** A name of a test, or of a row: a literal that opens a line or a call. */
const NAME = /(?:^\s*|\(|\[|: )(['"`])((?:\\.|(?!\1).)*)\1/gm;

/**
 * The ids in names of tests, with how often each file has them.
 *
 * @param {string} folder
 * @returns {Map<string, Map<string, number>>} by id, then by file
 */
function namedIn(folder) {
  /** @type {Map<string, Map<string, number>>} */
  const found = new Map();
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()) {
    if (!file.endsWith('.test.ts')) continue;
    for (const [, , name = ''] of readFileSync(path.join(folder, file), 'utf8').matchAll(NAME)) {
      for (const [written] of name.matchAll(ID)) {
        const id = written.startsWith('7.') ? `S${written}` : written;
        const files = found.get(id) ?? new Map();
        found.set(id, files.set(file, (files.get(file) ?? 0) + 1));
      }
    }
  }
  return found;
}

/** @returns {string[]} */
function allIds() {
  const listed = [...LISTS].flatMap(([letters, count]) =>
    Array.from({ length: count }, (_, index) => `${letters}${index + 1}`),
  );
  return [...listed, ...TABLES.keys(), ...VULNERABILITIES];
}

/**
 * @param {string} folder
 * @returns {{ lines: string[], missing: string[] }} `missing`: ids that no test names, or too few
 */
function indexOf(folder) {
  const found = namedIn(folder);
  /** @type {string[]} */
  const missing = [];
  /** @type {string[]} */
  const lines = [];
  for (const id of allIds()) {
    const files = found.get(id) ?? new Map();
    const tests = [...files.values()].reduce((sum, count) => sum + count, 0);
    const wanted = TABLES.get(id) ?? 1;
    if (tests < wanted) missing.push(id);
    const rows = TABLES.has(id) ? `, of ${wanted} rows` : '';
    lines.push(`${id}: ${tests} ${tests === 1 ? 'test' : 'tests'}${rows}`);
    for (const [file, count] of files) lines.push(`    ${file} (${count})`);
  }
  return { lines, missing };
}

const { lines, missing } = indexOf(process.argv[2] ?? path.join(ROOT, 'test'));
// Whoever reads only the beginning closes the pipe.
process.stdout.on('error', () => undefined);
process.stdout.write(`${lines.join('\n')}\n`);
if (missing.length > 0) {
  process.stderr.write(`attack-index: too few tests name ${missing.join(', ')}\n`);
  process.exitCode = 1;
}
