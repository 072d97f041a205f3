import type { OpenStore } from '../../server/open-store.ts';
import type { LoadCounts } from '../dump/load-counts.ts';
import type { Terminal } from '../terminal.ts';

/** Certificates that a load stored, from which on the store is put in order; fewer can wait for the job `compact`. */
export const MANY_STORED = 50_000;

/**
 * After a large load. LevelDB keeps what is new in layers, and moves them together while they are read: until it is
 * done, which takes a keystore minutes of full load, a lookup costs two to three times the processor time. A database
 * that is shared does that by itself.
 */
export async function putInOrder(
  store: Pick<OpenStore, 'compact' | 'shared'>,
  { inserted, updated }: Pick<LoadCounts, 'inserted' | 'updated'>,
  terminal: Pick<Terminal, 'err'>,
): Promise<void> {
  if (store.shared || inserted + updated < MANY_STORED) return;
  terminal.err('vouch: everything is stored; putting it in order for lookups\n');
  await store.compact();
}
