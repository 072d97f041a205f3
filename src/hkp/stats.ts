import type { Context } from 'koa';
import { preferredForm, sendHtml, sendJson, sendText } from './answer.ts';
import type { Parameters } from './parameters.ts';
import type { HkpService } from './service.ts';

/** `op=stats` and `/pks/stats`, an operation of SKS: JSON with `options=json` or `mr`, as Hockeypuck does. */
export async function stats(ctx: Context, service: HkpService, parameters: Parameters): Promise<void> {
  const { certificates, sequence } = await service.keystore.status();
  const values = { software: 'vouch', version: service.version, certificates, changes: sequence };
  ctx.set('Cache-Control', 'no-cache');
  const { options } = parameters;
  const json = options.has('json') || options.has('mr');
  const forms =
    service.html === undefined ? (['text', 'json'] as const) : (['text', 'html', 'json'] as const);
  const form = json ? 'json' : preferredForm(ctx, forms);
  if (form === 'json') sendJson(ctx, values);
  else if (form === 'html' && service.html !== undefined) {
    const days = await service.changes.days();
    sendHtml(ctx, service.html.stats({ values, days, now: Math.floor(service.now() / 1000) }));
  } else
    sendText(
      ctx,
      Object.entries(values)
        .map(([name, value]) => `${name}: ${value}\n`)
        .join(''),
    );
}
