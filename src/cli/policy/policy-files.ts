import { readFile, stat } from 'node:fs/promises';
import { getuid } from 'node:process';
import { ConfigError } from '../../config/error.ts';
import { readPolicyFiles } from '../../config/policy-files.ts';
import type { PolicyFile } from '../../policy/policy-file.ts';
import { MAX_POLICY_OCTETS } from '../daemon/limits.ts';
import { CliError } from '../error.ts';
import { printable } from '../printable.ts';
import { onFile } from '../sif/image-file.ts';
import type { Terminal } from '../terminal.ts';

/**
 * The files of one policy. A single name is read as the daemon reads it (a folder; policy.toml with policy.d); what
 * others could have written is read all the same, with a warning, for it may be a draft. Several names are the
 * files themselves, in this order.
 */
export async function policyFiles(names: readonly string[], terminal: Terminal): Promise<PolicyFile[]> {
  const [first = '', ...others] = names;
  if (others.length > 0) return Promise.all(names.map(readDraft));
  try {
    return readPolicyFiles(first, { owners: [0, getuid?.() ?? 0] });
  } catch (error) {
    if (!(error instanceof ConfigError) || error.code !== 'CONFIG_UNTRUSTED') throw error;
    terminal.err(
      `WARNING: ${printable(error.message)}; a daemon would not take it, and only this file is read\n`,
    );
    return [await readDraft(first)];
  }
}

async function readDraft(name: string): Promise<PolicyFile> {
  return onFile(name, 'read', async () => {
    const { size } = await stat(name);
    if (size > MAX_POLICY_OCTETS) {
      throw new CliError(
        'UNREADABLE_FILE',
        `${name} has more than the ${MAX_POLICY_OCTETS} octets of a policy`,
      );
    }
    return { name, octets: await readFile(name) };
  });
}
