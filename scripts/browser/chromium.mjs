import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

/** Where Debian and its kin put it. */
const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** @returns {string | undefined} the path of an installed Chromium */
export function findChromium() {
  return PATHS.find((path) => existsSync(path));
}

/** @param {string} executablePath */
export function launch(executablePath) {
  // Its sandbox needs user namespaces, which containers and root do not have; it sees this host's pages only.
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}
