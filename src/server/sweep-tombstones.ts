import type { Keystore } from '../keystore/keystore.ts';
import { removeKey } from '../keystore/remove-key.ts';

/** Takes out every certificate one of whose keys has a tombstone. Answers their fingerprints. */
export async function sweepTombstones(keystore: Keystore): Promise<readonly string[]> {
  const removed: string[] = [];
  for await (const tombstone of keystore.allTombstones()) {
    removed.push(...(await removeKey(keystore, tombstone)));
  }
  return removed;
}
