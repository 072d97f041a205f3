import type { Context } from 'koa';
import type { CertificateRecord } from '../keystore/keystore.ts';
import { parseCertificate } from '../openpgp/certificate.ts';
import { certificateState } from '../openpgp/state.ts';
import { weaknessWords } from '../openpgp/weakness.ts';
import { revalidate, sendHtml } from './answer.ts';
import { HkpError } from './error.ts';
import type { HtmlView } from './html.ts';
import type { HkpService } from './service.ts';

/** `GET /key/FINGERPRINT`: one key for a person. By a subkey's fingerprint it leads to the primary key's. */
export async function keyPage(
  ctx: Context,
  service: HkpService,
  { html, asked }: { readonly html: HtmlView; readonly asked: string },
): Promise<void> {
  const fingerprint = asked.replace(/^0x/i, '').toUpperCase();
  if (!/^(?:[0-9A-F]{40}|[0-9A-F]{64})$/.test(fingerprint)) {
    throw new HkpError('BAD_SEARCH', 'a fingerprint has 40 or 64 hexadecimal digits');
  }
  const record = await service.keystore.get(fingerprint);
  if (record !== undefined && asked === fingerprint) return show(ctx, service, { html, record });
  const primary = record?.fingerprint ?? (await primaryOf(service, fingerprint));
  if (primary !== undefined) {
    ctx.redirect(`/key/${primary}`);
    return;
  }
  const [tombstone] = await service.keystore.tombstones([fingerprint]);
  if (tombstone === undefined) throw new HkpError('NO_MATCH', 'no key with this fingerprint is held here');
  ctx.status = 404;
  ctx.set('Cache-Control', 'no-store');
  sendHtml(ctx, html.removed(tombstone));
}

async function primaryOf({ keystore }: HkpService, fingerprint: string): Promise<string | undefined> {
  const page = await keystore.find([{ kind: 'fingerprint', value: fingerprint }], { limit: 1 });
  return page.fingerprints[0];
}

async function show(
  ctx: Context,
  service: HkpService,
  { html, record }: { readonly html: HtmlView; readonly record: CertificateRecord },
): Promise<void> {
  const now = Math.floor(service.now() / 1000);
  const parsed = parseCertificate(record.bytes);
  const { changes, cut } = await service.changes.history(record.fingerprint);
  const page = html.key({
    certificate: certificateState(parsed, now),
    weaknesses: weaknessWords(parsed),
    proven: (await service.proofs?.proven(record.fingerprint)) ?? [],
    history: changes,
    historyCut: cut,
    octets: record.bytes.length,
    now,
    origin: service.publicUrl,
  });
  sendHtml(ctx, page);
  revalidate(ctx);
}
