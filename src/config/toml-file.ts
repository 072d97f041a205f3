import { readFileSync } from 'node:fs';
import { parse, TomlError } from 'smol-toml';
import { ConfigError } from './error.ts';

export type TomlTable = Readonly<Record<string, unknown>>;

/** Reads a TOML file. Throws `CONFIG_NOT_FOUND`, `CONFIG_UNREADABLE` or `BAD_TOML`. */
export function readTomlFile(path: string): TomlTable {
  let octets: Uint8Array;
  try {
    octets = readFileSync(path);
  } catch (cause) {
    if (isNotFound(cause)) {
      throw new ConfigError('CONFIG_NOT_FOUND', `there is no configuration file ${path}`, { cause });
    }
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError('CONFIG_UNREADABLE', `cannot read ${path}: ${reason}`, { cause });
  }
  return parseToml(octets, path);
}

/** `path` is for messages only. Throws `CONFIG_UNREADABLE` or `BAD_TOML`. */
function parseToml(octets: Uint8Array, path: string): TomlTable {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(octets);
  } catch (cause) {
    throw new ConfigError('CONFIG_UNREADABLE', `${path} is not UTF-8 text`, { cause });
  }
  try {
    return parse(text);
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    throw new ConfigError('BAD_TOML', `${path}:${cause.line}:${cause.column}: ${reasonOf(cause)}`, { cause });
  }
}

/** The first line of the parser's message; the lines after it draw the place, which the caller names. */
function reasonOf(error: TomlError): string {
  const [first = ''] = error.message.split('\n');
  return first.replace(/^Invalid TOML document: /, '');
}

function isNotFound(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
}
