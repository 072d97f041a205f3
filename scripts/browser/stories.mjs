/* What people do: search, look at a key, push one, make mistakes; with a script and without. */
import { createServer } from 'node:http';
import { expect } from '../interop/report.mjs';
import { watch } from './visit.mjs';

/**
 * @typedef {{ origin: string, cast: import('./prepared-store.mjs').Cast }} Stage
 * @typedef {import('playwright-core').Page} Page
 */

/**
 * @param {import('playwright-core').Browser} browser
 * @param {import('../interop/report.mjs').Report} report
 * @param {Stage} stage
 */
export async function stories(browser, report, stage) {
  const { origin } = stage;
  for (const [name, tell] of STORIES) {
    const scripted = !name.startsWith('without a script');
    const context = await browser.newContext({
      javaScriptEnabled: scripted,
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const page = await context.newPage();
    const faults = watch(page, origin);
    await report.check('browser', name, async () => {
      const seen = await tell(page, stage);
      const wrong = name.includes('another site') ? [] : faults;
      expect(wrong.length === 0, wrong.join('; '));
      return seen;
    });
    await context.close();
  }
}

/** @type {readonly (readonly [string, (page: Page, stage: Stage) => Promise<string>])[]} */
const STORIES = [
  ['results come as one types', searchesAsTyped],
  ['a key can be looked at and its fingerprint copied', looksAtKey],
  ['the keyboard reaches the content first and then the search', usesKeyboard],
  ['a pasted key is shown before it is stored', pushesPasted],
  ['a file that is here already adds nothing', pushesFile],
  ['what is no key is refused in words', makesMistakes],
  ['a form on another site stores nothing', forges],
  ['without a script: search, look, and push', doesWithout],
];

/** @param {Page} page @param {Stage} stage */
async function searchesAsTyped(page, { origin, cast }) {
  await page.goto(origin);
  await page.getByRole('searchbox').pressSequentially('alice@example.org');
  await page.locator('#results article').first().waitFor();
  await page.waitForFunction(() => document.getElementById('said')?.textContent?.includes('1 key for'));
  expect(page.url().includes('search=alice%40example.org'), `the address is ${page.url()}`);
  const link = page.locator(`#results a[href="/key/${cast.alice.fingerprint}"]`).first();
  await link.click();
  await page.waitForURL(`**/key/${cast.alice.fingerprint}`);
  return 'one result, announced, and its page';
}

/** @param {Page} page @param {Stage} stage */
async function looksAtKey(page, { origin, cast }) {
  await page.goto(`${origin}/key/${cast.alice.fingerprint}`);
  await page.getByRole('button', { name: 'Copy the fingerprint' }).click();
  await page.waitForFunction(() => document.getElementById('said')?.textContent === 'Copied');
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied === cast.alice.fingerprint, `copied ${copied}`);
  await page.getByRole('button', { name: 'Copy the lines for policy.toml' }).click();
  await page.waitForFunction(
    (part) => navigator.clipboard.readText().then((text) => text.includes(part)),
    `keys = ["${cast.alice.fingerprint}"]`,
  );
  for (const part of [
    'Names and e-mail addresses are not checked',
    'stored here for the first time',
    'pull --url',
  ]) {
    expect((await page.locator('main').innerText()).includes(part), `"${part}" is not on the page`);
  }
  expect((await page.getByRole('img', { name: 'QR code' }).count()) === 1, 'no QR code');
  expect((await page.getByRole('img', { name: 'When the keys are valid' }).count()) === 1, 'no time line');
  return copied;
}

/** @param {Page} page @param {Stage} stage */
async function usesKeyboard(page, { origin }) {
  await page.goto(origin);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  const focused = await page.evaluate(() => document.activeElement?.id);
  expect(focused === 'search', `the focus is on ${focused}`);
  await page.keyboard.type('erin@example.org');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: '1 key for' }).waitFor();
  return 'Tab, Enter, Tab, words, Enter';
}

/** @param {string} origin @param {string} fingerprint */
async function isHeld(origin, fingerprint) {
  return (await fetch(`${origin}/pks/lookup?op=get&search=0x${fingerprint}`)).ok;
}

/** @param {Page} page @param {Stage} stage */
async function pushesPasted(page, { origin, cast }) {
  const { fingerprint, armor } = cast.fresh;
  await page.goto(origin);
  await page.getByRole('link', { name: 'Push a key', exact: true }).click();
  await page.getByLabel('Paste the armored public key').fill(armor);
  await page.getByRole('button', { name: 'See what would be stored' }).click();
  await page.getByText('new here').waitFor();
  expect((await page.locator('main').innerText()).includes('fiona@example.org'), 'the name is not shown');
  expect(!(await isHeld(origin, fingerprint)), 'the preview stored it');
  await page.getByRole('button', { name: 'Store it' }).click();
  await page.getByRole('heading', { name: 'Key stored' }).waitFor();
  expect(await isHeld(origin, fingerprint), 'it was not stored');
  await page.locator(`a[href="/key/${fingerprint}"]`).click();
  await page.getByRole('heading', { name: 'Fiona Fresh' }).waitFor();
  return fingerprint;
}

/** @param {Page} page @param {Stage} stage */
async function pushesFile(page, { origin, cast }) {
  await page.goto(`${origin}/push`);
  const file = {
    name: 'alice.pgp',
    mimeType: 'application/octet-stream',
    buffer: Buffer.from(cast.alice.binary),
  };
  await page.getByLabel('Choose a file').setInputFiles(file);
  await page.getByRole('button', { name: 'See what would be stored' }).click();
  await page.getByText('already here, unchanged').waitFor();
  expect((await page.getByRole('button', { name: 'Store it' }).count()) === 0, 'it can be stored again');
  return 'nothing new in it';
}

/** @param {Page} page @param {Stage} stage */
async function makesMistakes(page, { origin }) {
  const texts = {
    'no key at all': /armor/i,
    '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----': /./,
    '<script>alert(1)</script>': /armor/i,
  };
  for (const [text, words] of Object.entries(texts)) {
    await page.goto(`${origin}/push`);
    await page.getByLabel('Paste the armored public key').fill(text);
    await page.getByRole('button', { name: 'See what would be stored' }).click();
    await page.getByRole('heading', { name: /^4\d\d / }).waitFor();
    expect(words.test(await page.locator('main').innerText()), `not explained: ${text}`);
  }
  await page.goto(`${origin}/key/${'0'.repeat(40)}`);
  await page.getByRole('heading', { name: '404 Not Found' }).waitFor();
  return '400, 404';
}

/** @param {Page} page @param {Stage} stage */
async function forges(page, { origin, cast }) {
  const keytext = cast.removed.armor.replaceAll('\n', '&#10;');
  const form = `<form method="post" action="${origin}/push"><input type="hidden" name="keytext" value="${keytext}"><button>Win</button></form>`;
  const other = createServer((_, response) => response.setHeader('Content-Type', 'text/html').end(form));
  await new Promise((resolve) => other.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  try {
    await page.goto(`http://localhost:${port}/`);
    await page.getByRole('button', { name: 'Win' }).click();
    await page.getByRole('heading', { name: '403 Forbidden' }).waitFor();
  } finally {
    other.close();
  }
  return '403';
}

/** @param {Page} page @param {Stage} stage */
async function doesWithout(page, { origin, cast }) {
  await page.goto(origin);
  await page.getByRole('searchbox').fill('walter');
  await page.getByRole('button', { name: 'Search' }).click();
  await page.locator(`article a[href="/key/${cast.weak.fingerprint}"]`).first().click();
  await page.getByText('weak', { exact: true }).first().waitFor();
  expect((await page.locator('button.copy:visible').count()) === 0, 'buttons that do nothing');
  await page.goto(`${origin}/push`);
  await page.getByLabel('Paste the armored public key').fill(cast.alice.armor);
  await page.getByRole('button', { name: 'See what would be stored' }).click();
  await page.getByText('already here, unchanged').waitFor();
  return 'all of it';
}
