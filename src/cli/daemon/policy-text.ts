import { readFile, stat } from 'node:fs/promises';
import { CliError } from '../error.ts';
import { onFile } from '../sif/image-file.ts';
import { MAX_POLICY_OCTETS } from './limits.ts';

/** A candidate policy as text for the daemon, which reads it as strictly as its own. */
export async function policyText(path: string): Promise<string> {
  return onFile(path, 'read', async () => {
    const { size } = await stat(path);
    if (size > MAX_POLICY_OCTETS) {
      throw new CliError(
        'UNREADABLE_FILE',
        `${path} has more than the ${MAX_POLICY_OCTETS} octets of a policy`,
      );
    }
    return readFile(path, 'utf8');
  });
}
