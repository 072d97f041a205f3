import { parse, TomlError } from 'smol-toml';
import { nearest } from '../../nearest.ts';
import { PolicyError } from '../error.ts';
import { MAX_ECL_CHARACTERS } from './limits.ts';
import { ECL_MODES } from './ecl.ts';
import type { Ecl, EclGroup, EclMode } from './ecl.ts';

type Table = Readonly<Record<string, unknown>>;

const TOP_KEYS = ['activated', 'legacyinsecure', 'execgroup'] as const;
const GROUP_KEYS = ['tagname', 'mode', 'dirpath', 'keyfp'] as const;

/** What is wrong with one file, and what is odd about it. */
interface Findings {
  readonly faults: string[];
  readonly warnings: string[];
}

/**
 * Reads an ecl.toml. What makes the tools refuse every image is an error; what they pass over in silence is a
 * warning. Whether the folders exist is not looked at. `name` is for messages. Throws `BAD_ECL`, which names
 * every fault.
 */
export function parseEcl(text: string, name: string): Ecl {
  if (text.length > MAX_ECL_CHARACTERS) {
    throw new PolicyError('BAD_ECL', `${name} is longer than ${MAX_ECL_CHARACTERS} characters`);
  }
  const found: Findings = { faults: [], warnings: [] };
  const ecl = readEcl(parseToml(text, name), found);
  if (found.faults.length > 0) {
    throw new PolicyError('BAD_ECL', found.faults.map((fault) => `${name}: ${fault}`).join('; '));
  }
  return ecl;
}

function parseToml(text: string, name: string): Table {
  try {
    return parse(text);
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const [first = ''] = cause.message.split('\n');
    const reason = first.replace(/^Invalid TOML document: /, '');
    throw new PolicyError('BAD_ECL', `${name}:${cause.line}:${cause.column}: ${reason}`, { cause });
  }
}

function readEcl(document: Table, found: Findings): Ecl {
  const values = knownValues(document, { known: TOP_KEYS, path: '', found });
  if (!values.has('activated')) {
    found.warnings.push('activated is not set: the tools take it for false, and every image runs');
  }
  const groups = listOf(values.get('execgroup'), 'execgroup', found).map((one, i) =>
    readGroup(one, `execgroup[${i}]`, found),
  );
  noteTwice(groups, found);
  return {
    activated: booleanOf(values.get('activated'), 'activated', found),
    legacyInsecure: booleanOf(values.get('legacyinsecure'), 'legacyinsecure', found),
    groups,
    warnings: found.warnings,
  };
}

function readGroup(value: unknown, path: string, found: Findings): EclGroup {
  if (!isTable(value)) {
    found.faults.push(`${path} is not a table; write [[execgroup]]`);
    return { tagName: '', mode: 'whitelist', dirPath: '', keys: [] };
  }
  const values = knownValues(value, { known: GROUP_KEYS, path: `${path}.`, found });
  return {
    tagName: textOf(values.get('tagname'), `${path}.tagname`, found),
    mode: modeOf(values.get('mode'), `${path}.mode`, found),
    dirPath: folderOf(values.get('dirpath'), `${path}.dirpath`, found),
    keys: keysOf(values.get('keyfp'), `${path}.keyfp`, found),
  };
}

/**
 * The values of the keys that mean something. go-toml takes them in any case, so `Activated` switches ECL on; every
 * other key it passes over, so `activate` does not.
 */
function knownValues(
  table: Table,
  { known, path, found }: { known: readonly string[]; path: string; found: Findings },
): Map<string, unknown> {
  const values = new Map<string, unknown>();
  for (const [key, value] of Object.entries(table)) {
    const meant = key.toLowerCase();
    if (!known.includes(meant)) {
      const near = nearest(meant, known);
      const advice = near === undefined ? `known here are ${known.join(', ')}` : `did you mean ${near}?`;
      found.warnings.push(`${path}${key} means nothing to the tools and is passed over; ${advice}`);
    } else if (values.has(meant)) {
      found.faults.push(`${path}${meant} is given twice, in different case`);
    } else values.set(meant, value);
  }
  return values;
}

function booleanOf(value: unknown, path: string, { faults }: Findings): boolean {
  if (value === undefined || typeof value === 'boolean') return value ?? false;
  faults.push(`${path} must be true or false, without quotes`);
  return false;
}

function textOf(value: unknown, path: string, { faults }: Findings): string {
  if (value === undefined || typeof value === 'string') return value ?? '';
  faults.push(`${path} must be text in quotes`);
  return '';
}

function listOf(value: unknown, path: string, { faults }: Findings): readonly unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value;
  faults.push(path === 'execgroup' ? 'execgroup must be written [[execgroup]]' : `${path} must be a list`);
  return [];
}

function modeOf(value: unknown, path: string, found: Findings): EclMode {
  const text = textOf(value, path, found);
  const mode = ECL_MODES.find((one) => one === text);
  if (mode === undefined && (value === undefined || typeof value === 'string')) {
    found.faults.push(`${path} must be whitelist, whitestrict or blacklist, in lower case`);
  }
  return mode ?? 'whitelist';
}

function folderOf(value: unknown, path: string, found: Findings): string {
  const folder = textOf(value, path, found);
  if (folder !== '' && !isCleanPath(folder)) {
    found.faults.push(
      `${path} must be empty or an absolute path without ".", "..", "//" and final "/": the tools refuse every image else`,
    );
  }
  return folder;
}

function isCleanPath(path: string): boolean {
  if (path === '/') return true;
  if (!path.startsWith('/') || path.includes('\0')) return false;
  return path
    .slice(1)
    .split('/')
    .every((part) => part !== '' && part !== '.' && part !== '..');
}

function keysOf(value: unknown, path: string, found: Findings): string[] {
  const keys = new Set<string>();
  for (const [i, one] of listOf(value, path, found).entries()) {
    if (typeof one === 'string' && /^[0-9a-fA-F]{40}$/.test(one)) keys.add(one.toUpperCase());
    else found.faults.push(`${path}[${i}] must be a fingerprint of 40 hexadecimal digits, without spaces`);
  }
  return [...keys];
}

function noteTwice(groups: readonly EclGroup[], { faults }: Findings): void {
  const seen = new Set<string>();
  for (const [i, { dirPath }] of groups.entries()) {
    if (seen.has(dirPath)) {
      const what = dirPath === '' ? 'a second group without dirpath' : `the folder of a group before it`;
      faults.push(`execgroup[${i}].dirpath is ${what}; a folder can be in one group only`);
    }
    seen.add(dirPath);
  }
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
