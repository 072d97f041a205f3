import { existsSync, readFileSync } from 'node:fs';

const FOLDER = new URL('../../../shared/testdata/openpgp/', import.meta.url);

/** Certificates that others published for their tests; a clone of the project alone does not have them. */
export const HAVE_VECTORS: boolean = existsSync(FOLDER);

/** The octets of one of them. */
export function vector(path: string): Uint8Array {
  return readFileSync(new URL(path, FOLDER));
}
