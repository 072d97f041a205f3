/* A server that takes keys with a token only: what a person without one is told, and that one with it gets in. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { must } from '../interop/program.mjs';
import { expect } from '../interop/report.mjs';
import { startServer } from '../interop/server-process.mjs';
import { inspect, watch } from './visit.mjs';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/**
 * @param {import('playwright-core').Browser} browser
 * @param {import('../interop/report.mjs').Report} report
 * @param {{ folder: string, armor: string, pictures: string }} options
 */
export async function tokens(browser, report, { folder, armor, pictures }) {
  const data = path.join(folder, 'token-data');
  const settings = path.join(folder, 'server.toml');
  await writeFile(settings, '[access]\nmode = "token"\n');
  const made = await must(process.execPath, [MAIN, 'keystore', 'token', 'add', 'a browser', '--data', data]);
  const token = /vouch_\w+/.exec(made.stdout)?.[0] ?? '';
  const server = await startServer({ data, env: { ...process.env, VOUCH_CONFIG: settings } });
  const page = await browser.newPage();
  const faults = watch(page, server.url);
  try {
    await report.check(
      'browser',
      'a server that wants tokens says so, and takes one in the form',
      async () => {
        await page.goto(`${server.url}/auth/tokens`);
        await inspect(page);
        await page.screenshot({ path: path.join(pictures, 'tokens-wanted.png'), fullPage: true });
        await fillIn(page, server.url, armor);
        await page.getByRole('button', { name: 'Store it' }).click();
        await page.getByRole('heading', { name: '401 Unauthorized' }).waitFor();
        await page.screenshot({ path: path.join(pictures, 'unauthorized.png'), fullPage: true });
        await fillIn(page, server.url, armor);
        await page.getByText('I have a token for this server').click();
        await page.getByLabel('Token', { exact: true }).fill(token);
        await page.getByRole('button', { name: 'Store it' }).click();
        await page.getByRole('heading', { name: 'Key stored' }).waitFor();
        expect(!(await page.content()).includes(token), 'the token is on the page');
        expect(faults.length === 0, faults.join('; '));
        return '401 without, stored with';
      },
    );
  } finally {
    await page.close();
    await server.stop();
  }
}

/**
 * @param {import('playwright-core').Page} page
 * @param {string} origin
 * @param {string} armor
 */
async function fillIn(page, origin, armor) {
  await page.goto(`${origin}/push`);
  await page.getByLabel('Paste the armored public key').fill(armor);
  await page.getByRole('button', { name: 'See what would be stored' }).click();
  await page.getByText('new here').waitFor();
}
