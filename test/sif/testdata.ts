import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Images of other projects, which lie beside the checkout where there are any. */
const FOLDER = new URL('../../../shared/testdata/sif/', import.meta.url);

/** `describe` and `it` skip, and say so, when the images are not there. */
export const published: boolean = existsSync(FOLDER);

export function publishedPath(name: string): string {
  return fileURLToPath(new URL(name, FOLDER));
}

export function publishedImage(name: string): Uint8Array {
  return readFileSync(publishedPath(name));
}
