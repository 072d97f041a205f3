import type { z } from 'zod';
import { deepFreeze } from './deep-freeze.ts';
import { ConfigError } from './error.ts';
import { nearest } from '../nearest.ts';
import type { TomlTable } from './toml-file.ts';

export interface SettingsForm<Settings> {
  readonly schema: z.ZodType<Settings>;
  /** The keys each table of the file may have; `''` is the file itself, `name[]` each of several. For messages. */
  readonly tables: ReadonlyMap<string, readonly string[]>;
}

/**
 * Checks settings under the names of the file, and freezes them. `nameOf` says, for messages, where the setting of
 * a path such as `limits.subkeys` was given. Throws `UNKNOWN_KEY` or `BAD_VALUE`, naming every fault.
 */
export function checkSettings<Settings>(
  { schema, tables }: SettingsForm<Settings>,
  settings: TomlTable,
  nameOf: (path: string) => string,
): Settings {
  const result = schema.safeParse(settings);
  if (result.success) return deepFreeze(result.data);
  const { issues } = result.error;
  const code = issues.some((issue) => issue.code === 'unrecognized_keys') ? 'UNKNOWN_KEY' : 'BAD_VALUE';
  throw new ConfigError(code, issues.flatMap((issue) => describe(issue, tables, nameOf)).join('; '));
}

function describe(
  issue: z.core.$ZodIssue,
  tables: ReadonlyMap<string, readonly string[]>,
  nameOf: (path: string) => string,
): string[] {
  const path = issue.path.reduce<string>(
    (before, part) => (typeof part === 'number' ? `${before}[${part}]` : join(before, String(part))),
    '',
  );
  if (issue.code !== 'unrecognized_keys') return [`${nameOf(path)} ${issue.message}`];
  const known = tables.get(path) ?? tables.get(path.replace(/\[\d+\]/g, '[]')) ?? [];
  return issue.keys.map((key) => {
    const meant = nearest(key, known);
    const advice = meant === undefined ? `known here are ${known.join(', ')}` : `did you mean "${meant}"?`;
    return `${nameOf(join(path, key))} is not a setting; ${advice}`;
  });
}

function join(table: string, key: string): string {
  return table === '' ? key : `${table}.${key}`;
}
