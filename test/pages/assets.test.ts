import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assets } from '../../src/pages/assets.ts';
import { htmlView } from '../../src/pages/view.ts';

describe('the files of the pages', () => {
  const app = new Koa();
  app.use(assets().routes());
  const server = app.listen(0, '127.0.0.1');
  let origin = '';

  beforeAll(async () => {
    if (!server.listening) await once(server, 'listening');
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  it('serves everything a page refers to, typed and cacheable', async () => {
    const page = htmlView.home({ certificates: 0, origin: undefined });
    const paths = [...page.matchAll(/<(?:link|script)[^>]*(?:href|src)="([^"]*)"/gu)].map(
      (match) => match[1] ?? '',
    );
    expect(paths).toHaveLength(3);
    for (const path of paths) {
      const answer = await fetch(origin + path);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toMatch(
        /^(?:text\/css|text\/javascript|image\/svg\+xml); charset=utf-8$/u,
      );
      expect(answer.headers.get('cache-control')).toContain('immutable');
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect((await answer.text()).length).toBeGreaterThan(100);
    }
  });

  it('L21 loads nothing from elsewhere in the stylesheet', async () => {
    const style = await (await fetch(`${origin}/style.css`)).text();
    expect(style).not.toMatch(/url\(|@import/u);
    expect(style).toContain('prefers-color-scheme: dark');
  });

  it('H24 does not serve other files', async () => {
    for (const path of ['/style.css/../../package.json', '/%2e%2e/package.json', '/style.css%00.html']) {
      expect((await fetch(origin + path)).status).toBe(404);
    }
  });
});
