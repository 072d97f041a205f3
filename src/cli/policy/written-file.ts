import { resolve } from 'node:path';
import { writeAtomically } from '../../keyring/atomic-write.ts';
import { systemReason } from '../../keyring/system-reason.ts';
import { CliError } from '../error.ts';

/**
 * Puts a file where programs of root read it: whole or not at all, for everybody to read; a link that was there is
 * replaced, not followed. Throws `UNWRITABLE_FILE`.
 */
export async function writeForAll(path: string, content: string | Uint8Array): Promise<void> {
  try {
    await writeAtomically(resolve(path), Buffer.from(content), { mode: 0o644 });
  } catch (cause) {
    throw new CliError('UNWRITABLE_FILE', `cannot write ${path}: ${systemReason(cause)}`, { cause });
  }
}
