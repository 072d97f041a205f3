import { Router } from '@koa/router';
import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';

/** A key on a shield, readable on light and dark tabs. */
const FAVICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<path d="M16 2 28 6v9c0 8-5 12.5-12 15C9 27.5 4 23 4 15V6z" fill="#0b5cad"/>
<circle cx="16" cy="12" r="4" fill="none" stroke="#fff" stroke-width="2.5"/>
<path d="M16 16v8m0-3h4" fill="none" stroke="#fff" stroke-width="2.5"/>
</svg>
`;

/** Seconds. The addresses of style and script change with their content; an old page asking for the icon is harmless. */
const MAX_AGE = 365 * 24 * 60 * 60;

const ASSETS: readonly { readonly path: string; readonly type: string; readonly body: string }[] = [
  { path: '/style.css', type: 'text/css; charset=utf-8', body: STYLE },
  { path: '/pages.js', type: 'text/javascript; charset=utf-8', body: SCRIPT },
  { path: '/favicon.svg', type: 'image/svg+xml; charset=utf-8', body: FAVICON },
  { path: '/favicon.ico', type: 'image/svg+xml; charset=utf-8', body: FAVICON },
];

/** The files the pages refer to. They are in memory: no path of a request ever reaches a file system. */
export function assets(): Router {
  const router = new Router();
  for (const asset of ASSETS) {
    router.get(asset.path, (ctx) => {
      ctx.set('Cache-Control', `public, max-age=${MAX_AGE}, immutable`);
      ctx.set('X-Content-Type-Options', 'nosniff');
      // An SVG opened by itself is a document: it must not run anything either.
      ctx.set('Content-Security-Policy', "default-src 'none'");
      ctx.type = asset.type;
      ctx.body = asset.body;
    });
  }
  return router;
}
