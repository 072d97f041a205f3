import { randomUUID } from 'node:crypto';
import { getuid } from 'node:process';
import type { LocalSources } from '../../admission/keys/managed-key-book.ts';
import { openStandAlone } from '../../admission/stand-alone.ts';
import type { StandAlone } from '../../admission/stand-alone.ts';
import { HkpClient } from '../../hkp/client.ts';
import type { Policy } from '../../policy/policy.ts';
import { printable } from '../printable.ts';
import { terminalLog } from '../terminal-log.ts';
import type { Terminal } from '../terminal.ts';
import { version } from '../version.ts';

/** A policy applied by this command, with these files of keys and these keystores; warns of those that fail. */
export async function openAlone(
  given: { readonly policy: Policy; readonly sources: LocalSources; readonly urls: readonly string[] },
  terminal: Terminal,
): Promise<StandAlone> {
  const { policy, sources, urls } = given;
  const alone = await openStandAlone({
    policy,
    sources,
    keystores: urls.map((url) => new HkpClient(url, { userAgent: `vouch/${version()}` })),
    now: Date.now,
    elapsed: () => performance.now(),
    newId: randomUUID,
    user: getuid?.() ?? 0,
    log: terminalLog(terminal),
  });
  for (const { keystore, message } of alone.refreshed.failed) {
    terminal.err(`WARNING: ${printable(keystore)}: ${printable(message)}\n`);
  }
  return alone;
}
