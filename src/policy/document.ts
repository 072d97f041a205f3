/* One file of a policy as a tree of values, before anything in it is looked at. */
import { parse, TomlError } from 'smol-toml';
import { PolicyError } from './error.ts';
import { parseJson } from './json-text.ts';
import type { Lines } from './lines.ts';
import { MAX_POLICY_OCTETS } from './limits.ts';
import { locateToml } from './locate-toml.ts';
import type { PolicyFile } from './policy-file.ts';

export type Table = Readonly<Record<string, unknown>>;

export interface PolicyDocument {
  readonly name: string;
  readonly table: Table;
  readonly lines: Lines;
}

/** Reads a file as JSON when it begins with a brace, else as TOML. Throws `BAD_SYNTAX`. */
export function readDocument({ name, octets }: PolicyFile): PolicyDocument {
  if (octets.length > MAX_POLICY_OCTETS) {
    throw new PolicyError('BAD_SYNTAX', `${name}: has more than ${MAX_POLICY_OCTETS} bytes; split it`);
  }
  const text = decode(octets, name);
  // No TOML begins with one.
  if (!/^\s*\{/.test(text)) return { name, ...readToml(text, name) };
  const { value, lines } = parseJson(text, name);
  return { name, table: isTable(value) ? value : {}, lines };
}

export function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function decode(octets: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(octets);
  } catch (cause) {
    throw new PolicyError('BAD_SYNTAX', `${name}: is not UTF-8 text`, { cause });
  }
}

function readToml(text: string, name: string): { readonly table: Table; readonly lines: Lines } {
  let table: Table;
  try {
    table = parse(text);
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    throw new PolicyError('BAD_SYNTAX', `${name}:${cause.line}: column ${cause.column}: ${reasonOf(cause)}`, {
      cause,
    });
  }
  const { lines, impossibleDates } = locateToml(text);
  const [impossible] = impossibleDates;
  if (impossible === undefined) return { table, lines };
  const shown = JSON.stringify(impossible.text);
  throw new PolicyError('BAD_SYNTAX', `${name}:${impossible.line}: ${shown} is a day that no calendar has`);
}

/** The first line of the parser's message; the lines after it draw the place, which the caller names. */
function reasonOf(error: TomlError): string {
  const [first = ''] = error.message.split('\n');
  return first.replace(/^Invalid TOML document: /, '');
}
