/*
 * The pages in a real browser: Debian's Chromium, driven by playwright-core, on the built server with a store that
 * looks three years old. With CI=true a missing Chromium is a failure, else it is a skip. Pictures of all pages go
 * into a folder, whose name is printed.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createReport } from '../interop/report.mjs';
import { startServer } from '../interop/server-process.mjs';
import { findChromium, launch } from './chromium.mjs';
import { looks } from './looks.mjs';
import { prepareStore } from './prepared-store.mjs';
import { stories } from './stories.mjs';
import { tokens } from './tokens.mjs';

const report = createReport({ strict: process.env['CI'] === 'true' });
const chromium = findChromium();
if (chromium === undefined)
  report.skip('browser', 'there is no Chromium here; on Debian: apt-get install chromium');
else await visit(chromium);
process.exitCode = chromium === undefined && process.env['CI'] !== 'true' ? 0 : report.finish();

/** @param {string} executable */
async function visit(executable) {
  const work = await mkdtemp(path.join(tmpdir(), 'vouch-browser-'));
  const pictures = await mkdtemp(path.join(tmpdir(), 'vouch-pictures-'));
  const data = path.join(work, 'data');
  const cast = await prepareStore(path.join(data, 'keystore'), Date.now());
  const server = await startServer({
    data,
    env: { ...process.env, VOUCH_PUBLIC_URL: 'https://keys.example.org' },
  });
  const browser = await launch(executable);
  try {
    const stage = { origin: server.url, cast };
    await looks(browser, report, { ...stage, pictures });
    await stories(browser, report, stage);
    await tokens(browser, report, { folder: work, armor: cast.fresh.armor, pictures });
  } finally {
    await browser.close();
    await server.stop();
    await rm(work, { recursive: true, force: true });
  }
  console.log(`pictures: ${pictures}`);
}
