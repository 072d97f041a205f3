import { readFileSync } from 'node:fs';

/** The version in package.json, which is two folders up from here in `src/` as well as in `dist/`. */
export function version(): string {
  const path = new URL('../../package.json', import.meta.url);
  const manifest: { version: string } = JSON.parse(readFileSync(path, 'utf8'));
  return manifest.version;
}
