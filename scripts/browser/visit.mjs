import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { expect } from '../interop/report.mjs';

const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** No page is larger; without its style and script, which are cached for good. Octets. */
const MAX_PAGE = 50_000;

/**
 * Notes whatever must not happen on a page: dialogs, errors, requests to elsewhere.
 *
 * @param {import('playwright-core').Page} page
 * @param {string} origin
 */
export function watch(page, origin) {
  /** @type {string[]} */
  const faults = [];
  page.on('dialog', (dialog) => {
    faults.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('pageerror', (error) => void faults.push(`an error: ${error.message}`));
  page.on('console', (message) => {
    // Chromium reports the statuses of pages that are meant to be errors.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
      faults.push(message.text());
    }
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(`${origin}/`)) faults.push(`a request to ${request.url()}`);
  });
  return faults;
}

/**
 * What axe finds, whether it is too wide, too large, or ran something.
 *
 * @param {import('playwright-core').Page} page
 */
export async function inspect(page) {
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => {
    // @ts-expect-error: axe is what was evaluated before
    const { violations } = await globalThis.axe.run(document, { resultTypes: ['violations'] });
    const { scrollWidth, clientWidth } = document.documentElement;
    return {
      violations: violations.map(
        (/** @type {{ id: string, nodes: { html: string, failureSummary: string }[] }} */ { id, nodes }) =>
          `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`,
      ),
      overflow: scrollWidth - clientWidth,
      hostile: 'hostile' in globalThis,
    };
  });
  expect(found.violations.length === 0, `axe: ${found.violations.join('; ')}`);
  expect(found.overflow <= 0, `wider than the window by ${found.overflow} px`);
  expect(!found.hostile, 'a script from a user ID ran');
}

/** @param {import('playwright-core').Response | null} response */
export async function sizeOf(response) {
  const octets = (await response?.body())?.length ?? 0;
  expect(octets > 0 && octets < MAX_PAGE, `${octets} octets`);
  return octets;
}
