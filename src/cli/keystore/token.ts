/* `vouch keystore token add|list|revoke` */
import { isExpired } from '../../access/tokens.ts';
import type { TokenRecord, TokenRole } from '../../access/token.ts';
import { CliError } from '../error.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { STORE_OPTIONS } from '../options.ts';
import type { StoreArguments, StoreOptions, TextFlag } from '../options.ts';
import { plural } from '../plural.ts';
import { printable } from '../printable.ts';
import type { Terminal } from '../terminal.ts';
import { endOf } from './token-end.ts';
import { tokensOf } from './token-operations.ts';

interface ListFlag {
  readonly type: 'string';
  readonly array: true;
  /** One value after each flag: the name of the token may follow. */
  readonly nargs: 1;
  readonly describe: string;
}

const ROLES = ['push', 'admin'] as const;

/** Flags of `add`; `list` and `revoke` take those of every command on a store. */
export type AddOptions = StoreOptions & {
  readonly role: TextFlag & { readonly choices: readonly TokenRole[] };
  readonly expires: TextFlag;
  readonly fingerprint: ListFlag;
  readonly email: ListFlag;
  readonly domain: ListFlag;
};

const list = (describe: string): ListFlag => ({ type: 'string', array: true, nargs: 1, describe });

export const addOptions: AddOptions = {
  role: {
    type: 'string',
    requiresArg: true,
    choices: ROLES,
    describe: 'admin: may push any key in every mode [default: push]',
  },
  expires: {
    type: 'string',
    requiresArg: true,
    describe: 'how long it is good: 12h, 90d, 8w, 1y, or a date [default: until it is revoked]',
  },
  fingerprint: list('in mode owner: it may push these keys'),
  email: list('in mode owner: it may push keys with these addresses and no others'),
  domain: list('in mode owner: it may push keys with addresses of these domains and no others'),
  ...STORE_OPTIONS,
};

export const options: StoreOptions = STORE_OPTIONS;

export interface AddArguments extends StoreArguments {
  readonly name: string;
  readonly role: string | undefined;
  readonly expires: string | undefined;
  readonly fingerprint: readonly string[] | undefined;
  readonly email: readonly string[] | undefined;
  readonly domain: readonly string[] | undefined;
}

/** Makes a token and writes its text, alone, to stdout: nobody can see it again. */
export async function add(args: AddArguments, terminal: Terminal): Promise<ExitCode> {
  const expires = args.expires === undefined ? {} : { expires: endOf(args.expires, Date.now()) };
  const { fingerprint = [], email = [], domain = [] } = args;
  const rules = { fingerprints: fingerprint, emails: email, domains: domain };
  const order = { name: args.name, role: roleOf(args.role), rules, ...expires };
  const { record, text } = await tokensOf(args).add(order);
  if (args.json === true) {
    await terminal.out(`${JSON.stringify({ ...shown(record, Date.now()), token: text })}\n`);
    return EXIT.done;
  }
  await terminal.out(`${text}\n`);
  const until = record.expires === undefined ? 'until it is revoked' : `until ${dateOf(record.expires)}`;
  terminal.err(
    `This is the token of ${printable(record.name)}, good ${until}. It is not shown again: whoever is to push\n` +
      'gives it to "singularity keyserver login" as the password, or sends it as "Authorization: Bearer".\n',
  );
  return EXIT.done;
}

/** Lists the tokens, never their secrets. */
export async function showAll(args: StoreArguments, terminal: Terminal): Promise<ExitCode> {
  const records = await tokensOf(args).list();
  const now = Date.now();
  const all = records.map((record) => shown(record, now));
  if (args.json === true) {
    await terminal.out(`${JSON.stringify(all)}\n`);
    return EXIT.done;
  }
  const rows = records.map((record) => [
    record.id,
    record.role,
    stateOf(record, now),
    record.expires === undefined ? '-' : dateOf(record.expires),
    record.lastUsed === undefined ? '-' : dateOf(record.lastUsed),
    [printable(record.name), ...rulesOf(record)].join('  '),
  ]);
  if (rows.length > 0) await terminal.out(table([HEADER, ...rows]));
  terminal.err(`${plural(rows.length, 'token')}\n`);
  return EXIT.done;
}

export interface RevokeArguments extends StoreArguments {
  readonly id: string;
}

export async function revoke(args: RevokeArguments, terminal: Terminal): Promise<ExitCode> {
  const record = await tokensOf(args).revoke(args.id);
  const text = `The token ${record.id} of ${printable(record.name)} is revoked.`;
  await terminal.out(`${args.json === true ? JSON.stringify(shown(record, Date.now())) : text}\n`);
  return EXIT.done;
}

function roleOf(text: string | undefined): TokenRole {
  const role = ROLES.find((one) => one === (text ?? 'push'));
  if (role === undefined) throw new CliError('USAGE', `--role is one of ${ROLES.join(', ')}`);
  return role;
}

type State = 'good' | 'expired' | 'revoked';

function stateOf(record: TokenRecord, now: number): State {
  if (record.revoked !== undefined) return 'revoked';
  return isExpired(record, now) ? 'expired' : 'good';
}

/** Everything but the hash; times as ISO 8601, UTC. */
function shown(record: TokenRecord, now: number): Readonly<Record<string, unknown>> {
  const { id, name, role, created, expires, revoked, lastUsed, rules } = record;
  const time = (value: number | undefined): string | null =>
    value === undefined ? null : new Date(value).toISOString();
  return {
    id,
    name,
    role,
    state: stateOf(record, now),
    created: time(created),
    expires: time(expires),
    revoked: time(revoked),
    lastUsed: time(lastUsed),
    rules,
  };
}

function rulesOf({ rules }: TokenRecord): string[] {
  const { fingerprints, emails, domains } = rules;
  return [...fingerprints, ...emails, ...domains.map((domain) => `@${domain}`)].map(printable);
}

/** To the minute, UTC: nobody needs more of it. */
function dateOf(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 16).replace('T', ' ')}Z`;
}

const HEADER = ['ID', 'ROLE', 'STATE', 'EXPIRES', 'LAST USED', 'NAME AND RULES'];

function table(rows: readonly (readonly string[])[]): string {
  const widths = HEADER.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return rows.map((row) => `${line(row)}\n`).join('');
}
