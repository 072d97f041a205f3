/* Certificates by the second version of the protocol (draft-ietf-openpgp-hkp §5.1): binary, of any version. */
import type { Context } from 'koa';
import type { Term } from '../keystore/keystore.ts';
import type { CertificateState } from '../openpgp/state.ts';
import { revalidate, sendJson } from './answer.ts';
import { HkpError } from './error.ts';
import {
  everyVersion,
  findVisible,
  legacyOnly,
  loadCertificates,
  loadStates,
  type HeldCertificate,
  type Visible,
} from './find.ts';
import { foldText } from './fold.ts';
import { jsonIndex } from './json-index.ts';
import { MAX_CERTIFICATES_PER_GET, MAX_SEARCH_LENGTH } from './limits.ts';
import type { HkpService } from './service.ts';
import { bundleType } from './v2-media-type.ts';

/**
 * `certs/by-vfingerprint` (§5.1.2): the version in two digits and the fingerprint. Both are needed: what
 * has the right digits and the wrong version, or no version, is not found.
 */
export async function byVersionedFingerprint(ctx: Context, service: HkpService, id: string): Promise<void> {
  const { version = '', digits = '' } = /^(?<version>04|06)(?<digits>[0-9a-f]+)$/i.exec(id)?.groups ?? {};
  if (digits.length !== (version === '04' ? 40 : 64)) {
    const message = 'give the version and the fingerprint: 04 and 40 hexadecimal digits, or 06 and 64';
    throw new HkpError('BAD_IDENTIFIER', message);
  }
  const fingerprint = digits.toUpperCase();
  const own = await loadCertificates(service.keystore, [fingerprint]);
  const records =
    own.length > 0 ? own : await matches(service, [{ kind: 'fingerprint', value: fingerprint }]);
  sendBundle(ctx, records);
}

/** `certs/by-keyid` (§5.1.3): versions above 4 "MUST NOT be returned". */
export async function byKeyId(ctx: Context, service: HkpService, id: string): Promise<void> {
  if (!/^[0-9a-f]{16}$/i.test(id)) throw new HkpError('BAD_IDENTIFIER', 'a key ID has 16 hexadecimal digits');
  const terms: Term[] = [{ kind: 'keyid', value: id.toUpperCase() }];
  sendBundle(ctx, await matches(service, terms, legacyOnly));
}

/** `certs/by-identity` (§5.1.1). */
export async function byIdentity(ctx: Context, service: HkpService, identity: string): Promise<void> {
  const fingerprints = (await identityStates(service, identity)).map(({ fingerprint }) => fingerprint);
  sendBundle(ctx, await loadCertificates(service.keystore, fingerprints));
}

/** `index` (§5.1.5). */
export async function identityIndex(ctx: Context, service: HkpService, identity: string): Promise<void> {
  sendJson(ctx, jsonIndex(await identityStates(service, identity)));
  revalidate(ctx);
}

/**
 * `canonical` (§5.1.4) names the one certificate that the owner of an identity chose. Nobody proves to own
 * an address here, so there is none: 404, whatever is asked for.
 */
export function canonical(): never {
  throw new HkpError('NO_MATCH', 'this server does not check who owns an identity, so none is canonical');
}

async function matching(
  service: HkpService,
  terms: readonly Term[],
  visible: Visible = everyVersion,
): Promise<readonly string[]> {
  const found = await findVisible(service.keystore, terms, { limit: MAX_CERTIFICATES_PER_GET }, visible);
  return found.fingerprints;
}

async function matches(
  service: HkpService,
  terms: readonly Term[],
  visible?: Visible,
): Promise<readonly HeldCertificate[]> {
  return loadCertificates(service.keystore, await matching(service, terms, visible));
}

/**
 * §5.1.9: an identity is the one address of a user ID, or all of its text, without regard to case. Every
 * confidence is the same here, so the newest certificate comes first.
 */
async function identityStates(service: HkpService, identity: string): Promise<CertificateState[]> {
  if (identity.length > MAX_SEARCH_LENGTH) {
    throw new HkpError('SEARCH_TOO_LONG', `the identity is longer than ${MAX_SEARCH_LENGTH} characters`);
  }
  const value = foldText(identity.trim());
  const byAddress = await matching(service, [{ kind: 'email', value }]);
  const byText = await matching(service, [{ kind: 'userid', value }]);
  const all = [...new Set([...byAddress, ...byText])].slice(0, MAX_CERTIFICATES_PER_GET);
  const { states } = await loadStates(service, all);
  if (states.length === 0) throw noMatch();
  return states.toSorted((a, b) => b.created - a.created);
}

function noMatch(): HkpError {
  return new HkpError('NO_MATCH', 'no certificate that matches is held here');
}

/** §9: certificates one after another with nothing between. */
function sendBundle(ctx: Context, records: readonly HeldCertificate[]): void {
  const [first] = records;
  if (first === undefined) throw noMatch();
  ctx.set('Content-Disposition', `attachment; filename="${first.fingerprint}.pgp"`);
  ctx.set('Content-Type', bundleType(ctx));
  ctx.body = Buffer.concat(records.map(({ bytes }) => bytes));
  revalidate(ctx);
}
