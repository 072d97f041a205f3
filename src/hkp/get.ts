import type { Context } from 'koa';
import type { CertificateRecord } from '../keystore/keystore.ts';
import { armor } from '../openpgp/armor.ts';
import { revalidate } from './answer.ts';
import { HkpError } from './error.ts';
import { everyVersion, findVisible, legacyOnly, loadRecords, type Visible } from './find.ts';
import { MAX_CERTIFICATES_PER_GET } from './limits.ts';
import type { Parameters } from './parameters.ts';
import { parseSearch, termsOf, type Search } from './search.ts';
import type { HkpService } from './service.ts';

/**
 * `op=get`: one armor block, whatever `options` and `Accept` say, or with `options=bin` the same in binary
 * (draft-ietf-openpgp-hkp). Most clients fail on more than one certificate, so more than one is given only
 * where the client can tell them apart:
 *
 * - a fingerprint or 64-bit key ID gives every certificate that has it, as primary key or subkey: clients
 *   that verify use the ones that fit, and twins of an ID cannot be told apart here;
 * - an 8-digit key ID must be the only one: twins of it are easily made, and `singularity key pull` would
 *   store what it was given;
 * - an e-mail address or a whole user ID gives all its certificates: gpg and sq choose;
 * - other text must have one match.
 */
export async function get(ctx: Context, service: HkpService, parameters: Parameters): Promise<void> {
  const binary = parameters.options.has('bin');
  const visible = binary ? everyVersion : legacyOnly;
  const searches = parseSearch(parameters.raw('search'));
  const records = await choose(service, searches, parameters.isOn('exact'), visible);
  const [first] = records;
  if (first === undefined) throw noMatch();
  const bytes = Buffer.concat(records.map((record) => record.bytes));
  // The name is made of hexadecimal digits only; user IDs stay out of headers.
  ctx.set('Content-Disposition', `attachment; filename="${first.fingerprint}.${binary ? 'pgp' : 'asc'}"`);
  ctx.set('Content-Type', binary ? 'application/pgp' : 'application/pgp-keys');
  ctx.body = binary ? bytes : armor(bytes);
  revalidate(ctx);
}

function noMatch(): HkpError {
  return new HkpError('NO_MATCH', 'no certificate that matches is held here');
}

async function choose(
  service: HkpService,
  searches: readonly Search[],
  exact: boolean,
  visible: Visible,
): Promise<readonly CertificateRecord[]> {
  let hidden = 0;
  for (const search of searches) {
    for (const whole of search.kind === 'text' && !exact ? [true, false] : [exact]) {
      const found = await find(service, search, whole, visible);
      if (found.records.length > 0) return certain(search, whole, found.records);
      hidden += found.hidden;
    }
  }
  if (hidden === 0) throw noMatch();
  throw new HkpError(
    'NOT_IN_LEGACY',
    'this is a version 6 certificate; get it from /pks/v2/certs/by-vfingerprint or with options=bin',
  );
}

interface Matches {
  readonly records: readonly CertificateRecord[];
  /** How many were passed over because they are not visible. */
  readonly hidden: number;
}

async function find(
  { keystore }: HkpService,
  search: Search,
  exact: boolean,
  visible: Visible,
): Promise<Matches> {
  // A primary key's own fingerprint names one certificate, also when another holds it as a subkey.
  const own = search.kind === 'fingerprint' ? await keystore.get(search.value) : undefined;
  if (own !== undefined)
    return visible(own.fingerprint) ? { records: [own], hidden: 0 } : { records: [], hidden: 1 };
  const page = { limit: MAX_CERTIFICATES_PER_GET + 1 };
  const { fingerprints, hidden } = await findVisible(keystore, termsOf(search, exact), page, visible);
  return { records: await loadRecords(keystore, fingerprints), hidden };
}

function certain<T>(search: Search, exact: boolean, matches: readonly T[]): readonly T[] {
  const single = search.kind === 'short' || (search.kind === 'text' && !exact);
  if (matches.length > (single ? 1 : MAX_CERTIFICATES_PER_GET)) {
    const what = search.kind === 'short' ? 'this 32-bit key ID' : 'this search';
    throw new HkpError(
      'AMBIGUOUS',
      `${what} is ambiguous: several certificates match; use the whole fingerprint (op=index lists them)`,
    );
  }
  return matches;
}
