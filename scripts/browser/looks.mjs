/* Every page in both colours and two widths: what axe says, how wide and large it is, and a picture of it. */
import path from 'node:path';
import { expect } from '../interop/report.mjs';
import { inspect, sizeOf, watch } from './visit.mjs';

const WIDTHS = [360, 1280];
const SCHEMES = /** @type {const} */ (['light', 'dark']);

/**
 * @param {import('playwright-core').Browser} browser
 * @param {import('../interop/report.mjs').Report} report
 * @param {{ origin: string, cast: import('./prepared-store.mjs').Cast, pictures: string }} options
 */
export async function looks(browser, report, { origin, cast, pictures }) {
  const pages = addresses(cast);
  for (const colorScheme of SCHEMES) {
    for (const width of WIDTHS) {
      const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
      await report.check(
        'looks',
        `${Object.keys(pages).length + 1} pages, ${colorScheme}, ${width} px`,
        async () => {
          let largest = 0;
          for (const [name, address] of Object.entries(pages)) {
            const page = await context.newPage();
            const faults = watch(page, origin);
            const answer = await page.goto(origin + address);
            const status = STATUSES[name] ?? 200;
            expect(answer?.status() === status, `${name}: status ${answer?.status()}`);
            const octets = await sizeOf(answer).catch(naming(name));
            await inspect(page).catch(naming(name));
            expect(faults.length === 0, `${name}: ${faults.join('; ')}`);
            await page.screenshot({
              path: path.join(pictures, `${name}-${colorScheme}-${width}.png`),
              fullPage: true,
            });
            largest = Math.max(largest, octets);
            await page.close();
          }
          await previewLooks(context, {
            origin,
            cast,
            picture: path.join(pictures, `preview-${colorScheme}-${width}.png`),
          });
          return `axe finds nothing; the largest has ${largest} octets`;
        },
      );
      await context.close();
    }
  }
}

/** Of pages that are not there. @type {Readonly<Record<string, number>>} */
const STATUSES = { 'no-results': 404, 'key-removed': 404, missing: 404 };

/** @param {import('./prepared-store.mjs').Cast} cast */
function addresses({ alice, expired, revoked, weak, hostile, removed }) {
  return {
    home: '/',
    results: '/pks/lookup?op=index&search=team',
    'results-hostile': '/pks/lookup?op=index&search=alice',
    'no-results': '/pks/lookup?op=index&search=%3Cscript%3Enobody%3C%2Fscript%3E',
    key: `/key/${alice.fingerprint}`,
    'key-expired': `/key/${expired.fingerprint}`,
    'key-revoked': `/key/${revoked.fingerprint}`,
    'key-weak': `/key/${weak.fingerprint}`,
    'key-hostile': `/key/${hostile.fingerprint}`,
    'key-removed': `/key/${removed.fingerprint}`,
    push: '/push',
    stats: '/pks/stats',
    tokens: '/auth/tokens',
    missing: '/nothing/here',
  };
}

/**
 * @param {import('playwright-core').BrowserContext} context
 * @param {{ origin: string, cast: import('./prepared-store.mjs').Cast, picture: string }} options
 */
async function previewLooks(context, { origin, cast, picture }) {
  const page = await context.newPage();
  await page.goto(`${origin}/push`);
  await page.getByLabel('Paste the armored public key').fill(cast.fresh.armor);
  await page.getByRole('button', { name: 'See what would be stored' }).click();
  await page.getByRole('button', { name: 'Store it' }).waitFor();
  await inspect(page).catch(naming('preview'));
  await page.screenshot({ path: picture, fullPage: true });
  await page.close();
}

/** @param {string} name */
function naming(name) {
  return (/** @type {Error} */ error) => {
    throw new Error(`${name}: ${error.message}`);
  };
}
