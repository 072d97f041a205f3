/*
 * Lookup by the SKS digest (MD5 over the sorted packets), which mirrors use to fetch what they lack:
 * `op=hget`, and `POST /pks/hashquery` for many at a time. Numbers are 32 bits, big-endian.
 */
import type { Context } from 'koa';
import { readBody } from '../http/body.ts';
import { armor } from '../openpgp/armor.ts';
import { revalidate } from './answer.ts';
import { HkpError } from './error.ts';
import { findVisible, legacyOnly, loadCertificates } from './find.ts';
import { MAX_HASHQUERY_ANSWER, MAX_HASHQUERY_DIGESTS, MAX_HASHQUERY_OCTETS } from './limits.ts';
import type { Parameters } from './parameters.ts';
import type { HkpService } from './service.ts';

const DIGEST_OCTETS = 16;

async function byDigest(service: HkpService, digest: string): Promise<Uint8Array | undefined> {
  const terms = [{ kind: 'digest', value: digest }] as const;
  const found = await findVisible(service.keystore, terms, { limit: 1 }, legacyOnly);
  const [record] = await loadCertificates(service.keystore, found.fingerprints);
  return record?.bytes;
}

/** `op=hget`: armor of the certificate with the digest of 32 hexadecimal digits in `search`. */
export async function digestSearch(ctx: Context, service: HkpService, parameters: Parameters): Promise<void> {
  const digest = (parameters.text('search') ?? '').replace(/^0x/i, '').toLowerCase();
  if (!/^[0-9a-f]{32}$/.test(digest)) {
    throw new HkpError('BAD_SEARCH', 'op=hget wants the 32 hexadecimal digits of an SKS digest in "search"');
  }
  const bytes = await byDigest(service, digest);
  if (bytes === undefined) throw new HkpError('NO_MATCH', 'no certificate with this digest is held here');
  ctx.set('Content-Type', 'application/pgp-keys');
  ctx.body = armor(bytes);
  revalidate(ctx);
}

/** `POST /pks/hashquery`: a count and the digests, each after its length; answered in the same form. */
export async function hashquery(ctx: Context, service: HkpService): Promise<void> {
  const digests = readDigests(await readBody(ctx, MAX_HASHQUERY_OCTETS));
  const found: Uint8Array[] = [];
  let octets = 0;
  for (const digest of digests) {
    const bytes = await byDigest(service, digest);
    if (bytes === undefined) continue;
    octets += bytes.length;
    if (octets > MAX_HASHQUERY_ANSWER) break;
    found.push(bytes);
  }
  ctx.set('Content-Type', 'application/octet-stream');
  // SKS reads a line end after the certificates.
  ctx.body = Buffer.concat([
    uint32(found.length),
    ...found.flatMap((bytes) => [uint32(bytes.length), bytes]),
    Buffer.from('\r\n'),
  ]);
}

function uint32(value: number): Buffer {
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(value);
  return octets;
}

function readDigests(body: Buffer): string[] {
  const entry = 4 + DIGEST_OCTETS;
  const count = body.length < 4 ? 0 : body.readUInt32BE(0);
  if (count === 0 || count > MAX_HASHQUERY_DIGESTS || body.length < 4 + count * entry) throw badQuery();
  return Array.from({ length: count }, (_, i) => {
    const at = 4 + i * entry;
    if (body.readUInt32BE(at) !== DIGEST_OCTETS) throw badQuery();
    return body.toString('hex', at + 4, at + entry);
  });
}

function badQuery(): HkpError {
  const message = `a hashquery is a count of 1 to ${MAX_HASHQUERY_DIGESTS} and so many digests of 16 octets, each after its length`;
  return new HkpError('BAD_HASHQUERY', message);
}
