import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';
import { expect, it, onTestFinished } from 'vitest';
import { bearsToken } from '../../src/access/bears-token.ts';
import { createTokens } from '../../src/access/tokens.ts';
import { MemoryKeystore } from '../../src/keystore/memory.ts';

it('a request bears a token when it is good now, in any spelling; none, a wrong and a revoked one are not', async () => {
  const now = (): number => 1_800_000_000_000;
  const tokens = createTokens(new MemoryKeystore({ now }), { now, random: randomBytes });
  const rules = { fingerprints: [], emails: [], domains: [] };
  const { text, record } = await tokens.add({ name: 'ci', role: 'push', rules });
  const app = new Koa().use(async (ctx) => {
    ctx.body = String(await bearsToken(ctx, tokens));
  });
  const server = app.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const ask = async (headers: Record<string, string>): Promise<string> =>
    (await fetch(`http://127.0.0.1:${port}/`, { headers })).text();
  const basic = Buffer.from(`ci:${text}`).toString('base64');
  for (const Authorization of [`Bearer ${text}`, `BEARER  ${text}`, `Basic ${basic}`]) {
    expect(await ask({ Authorization })).toBe('true');
  }
  for (const Authorization of ['Bearer', 'Bearer sesame', text, `Digest ${text}`]) {
    expect(await ask({ Authorization })).toBe('false');
  }
  expect(await ask({})).toBe('false');
  await tokens.revoke(record.id);
  expect(await ask({ Authorization: `Bearer ${text}` })).toBe('false');
});
