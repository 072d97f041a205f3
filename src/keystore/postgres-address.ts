import { KeystoreError } from './error.ts';

/** Where a database is. */
export interface PostgresAddress {
  /** With its password, if it has one: for the driver alone. */
  readonly url: string;
  /** Without, for people: `postgres://vouch@db.example.org:5432/vouch`. */
  readonly place: string;
}

const FORM = 'A database is named like postgres://USER@HOST:5432/DATABASE?sslmode=verify-full.';

/** What the driver does with other words differs from what PostgreSQL's own programs do. */
const SSL_MODES: ReadonlySet<string> = new Set(['disable', 'no-verify', 'verify-full']);

/** What is known of TLS in an address, each at most once: the driver passes over what it does not know, and goes on without. */
const TLS_WORDS: ReadonlySet<string> = new Set(['sslmode', 'sslrootcert', 'sslcert', 'sslkey']);

/** Whether a text names a database, and not a folder. */
export function isPostgresUrl(text: string): boolean {
  return /^postgres(?:ql)?:/i.test(text);
}

/** Throws `BAD_ADDRESS`; what was given is not in the message, as it may hold a password. */
export function postgresAddress(url: string): PostgresAddress {
  if (!isPostgresUrl(url) || !URL.canParse(url)) throw new KeystoreError('BAD_ADDRESS', FORM);
  const { username, host, pathname, searchParams } = new URL(url);
  const user = username || encodeURIComponent(searchParams.get('user') ?? '');
  const aboutTls = [...searchParams.keys()].filter((name) => /^ssl/i.test(name));
  if (new Set(aboutTls).size < aboutTls.length || !aboutTls.every((name) => TLS_WORDS.has(name))) {
    const known = [...TLS_WORDS].join(', ');
    throw new KeystoreError(
      'BAD_ADDRESS',
      `Of TLS the address of a database has ${known}, each once. ${FORM}`,
    );
  }
  const mode = searchParams.get('sslmode');
  if (mode !== null && !SSL_MODES.has(mode)) {
    const known = [...SSL_MODES].join(', ');
    throw new KeystoreError('BAD_ADDRESS', `The sslmode of a database is one of ${known}. ${FORM}`);
  }
  const where = host === '' ? encodeURI(searchParams.get('host') ?? '') : host;
  return { url, place: `postgres://${user === '' ? '' : `${user}@`}${where}${pathname}` };
}
