/* hkp.md 5.5, L13, L14, L26, L27: answers of many certificates. */
import { describe, expect, it } from 'vitest';
import { makeCertificate } from '../fixtures/test-key.ts';
import { startServer, type TestServer } from './harness.ts';

const made = Array.from({ length: 12 }, (_, i) => makeCertificate([`Crowd ${i} <crowd${i}@example.org>`]));

async function crowd(limits: { pageSize?: number; maxPageSize?: number } = {}): Promise<TestServer> {
  const server = await startServer({ limits });
  for (const { bytes } of made) await server.hold(bytes);
  return server;
}

const SEARCH = '/pks/lookup?op=index&options=mr&search=crowd';

async function page(
  server: TestServer,
  more: string,
): Promise<{ status: number; count: number; keys: string[]; token: string | null }> {
  const answer = await server.get(SEARCH + more);
  const text = await answer.text();
  return {
    status: answer.status,
    count: Number(/^info:1:(\d+)\n/.exec(text)?.[1]),
    keys: [...text.matchAll(/^pub:([0-9A-F]+):/gm)].map(([, key = '']) => key),
    token: answer.headers.get('x-hkp-next-page-token'),
  };
}

describe('pages', () => {
  it.each([
    ['0', 1],
    ['-1', 1],
    ['3', 3],
    ['1e9', 8],
    ['9999999999999999999999', 8],
    ['Infinity', 8],
    ['abc', 5],
    ['', 5],
    ['NaN', 5],
  ])('L13 x-pagesize=%s is brought within the bounds', async (size, expected) => {
    const server = await crowd({ pageSize: 5, maxPageSize: 8 });
    expect((await page(server, `&x-pagesize=${size}`)).keys).toHaveLength(expected);
  });

  it.each(['x', '0', '0.', '0.AAAA', '99.AAAA', '-1.AAAA', '%00', '0.%ff', `0.${'A'.repeat(2000)}`])(
    'L13 a forged token is 400: %s',
    async (token) => {
      const server = await crowd();
      expect((await page(server, `&x-pagetoken=${token}`)).status).toBe(400);
    },
  );

  it('L13 a token of another search is 400', async () => {
    const server = await crowd();
    const { token } = await page(server, '&x-pagesize=2');
    const answer = await server.get(`/pks/lookup?op=index&options=mr&search=example&x-pagetoken=${token}`);
    expect(answer.status).toBe(400);
  });

  it('L13 pages have each certificate once, also while others are pushed', async () => {
    const server = await crowd();
    const seen: string[] = [];
    let token: string | null = '';
    for (let i = 0; token !== null; i += 1) {
      const current: Awaited<ReturnType<typeof page>> = await page(
        server,
        `&x-pagesize=5${token && `&x-pagetoken=${token}`}`,
      );
      expect(current.status).toBe(200);
      expect(current.count).toBe(current.keys.length);
      seen.push(...current.keys);
      ({ token } = current);
      await server.hold(makeCertificate([`Newcomer crowd ${i}`]).bytes);
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual(expect.arrayContaining(made.map(({ fingerprint }) => fingerprint)));
  });

  it('L14 a client that does not follow the token gets a whole answer of its own', async () => {
    const server = await crowd();
    const first = await page(server, '&x-pagesize=256');
    expect(first).toMatchObject({ count: 12, token: null });
    const cut = await page(server, '&x-pagesize=4');
    expect(cut.count).toBe(4);
    expect(cut.token).toMatch(/^[\w.-]+$/);
  });

  it('the limit of SKS is understood as well', async () => {
    const server = await crowd();
    expect((await page(server, '&limit=2')).keys).toHaveLength(2);
  });

  it('a page for browsers links the next one, with the same question', async () => {
    const server = await crowd();
    const answer = await server.get('/pks/lookup?op=index&search=crowd&x-pagesize=7', {
      headers: { Accept: 'text/html' },
    });
    const link =
      /<a rel="next" href="([^"]+)"/.exec(await answer.text())?.[1]?.replaceAll('&amp;', '&') ?? '';
    const next = await server.get(`/pks/lookup${link}`, { headers: { Accept: 'text/html' } });
    expect((await next.text()).match(/<article/g)).toHaveLength(5);
  });

  it('certificates that old clients cannot read leave no gap in their pages', async () => {
    const server = await startServer();
    for (let i = 0; i < 6; i += 1)
      await server.hold(makeCertificate([`crowd ${i}`], { version: i % 2 === 0 ? 6 : 4 }).bytes);
    const first = await page(server, '&x-pagesize=2');
    expect(first.keys).toHaveLength(2);
    const second = await page(server, `&x-pagesize=2&x-pagetoken=${first.token}`);
    expect(second.keys).toHaveLength(1);
    expect([...first.keys, ...second.keys].every((key) => key.length === 40)).toBe(true);
  });

  it('L26 F7 an index of a store with very many matches has at most one page of them', async () => {
    // Speed at 100 000 certificates is measured by scripts/bench/keystore; here only the bound.
    const server = await startServer();
    const [first] = made;
    const record = await server.hold(first?.bytes ?? new Uint8Array());
    for (let i = 0; i < 400; i += 1) {
      const fingerprint = i.toString(16).padStart(40, '0').toUpperCase();
      await server.keystore.update(fingerprint, () => ({ ...record, fingerprint }));
    }
    expect((await page(server, '')).count).toBe(100);
    expect((await page(server, '&x-pagesize=1000')).count).toBe(256);
  });

  it('L27 lookups are served while certificates are pushed', async () => {
    const server = await crowd();
    const pushes = made.map(({ armored }) => server.push(armored));
    const lookups = made.map(({ fingerprint }) => server.get(`/pks/lookup?op=get&search=0x${fingerprint}`));
    for (const answer of await Promise.all([...pushes, ...lookups])) expect(answer.status).toBe(200);
  });
});
