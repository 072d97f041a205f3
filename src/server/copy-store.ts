import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import type { StoreItem } from '../keystore/keystore.ts';
import { countItem, itemFrame, noItems } from './backup/item-frame.ts';
import type { ItemCounts } from './backup/item-frame.ts';
import { ServerError } from './error.ts';
import { openStore } from './open-store.ts';
import { fillStore } from './restore-store.ts';

export interface CopyFacts {
  readonly counts: Readonly<ItemCounts>;
  /** SHA-256 of everything that was copied, lower-case hexadecimal. */
  readonly digest: string;
}

/**
 * Makes the store at an address, where there must be none, of the items of another, then reads it back and compares.
 * Throws `NOT_EMPTY`, `COPY_DIFFERS`, what the items throw, and `KeystoreError`.
 */
export async function copyStore(
  items: AsyncIterable<StoreItem>,
  address: string,
  now: () => number,
): Promise<CopyFacts> {
  const sent = createHash('sha256');
  const counts = noItems();
  await fillStore(address, watched(items, sent, counts));
  const digest = sent.digest('hex');
  if ((await digestOf(address, now)) !== digest) {
    throw new ServerError('COPY_DIFFERS', 'the copy does not hold what was copied; do not use it');
  }
  return { counts, digest };
}

async function* watched(
  items: AsyncIterable<StoreItem>,
  hash: Hash,
  counts: ItemCounts,
): AsyncGenerator<StoreItem> {
  for await (const item of items) {
    hash.update(itemFrame(item));
    countItem(counts, item);
    yield item;
  }
}

async function digestOf(address: string, now: () => number): Promise<string> {
  const { keystore } = await openStore(address, { now, create: false });
  try {
    const hash = createHash('sha256');
    for await (const item of keystore.items()) hash.update(itemFrame(item));
    return hash.digest('hex');
  } finally {
    await keystore.close();
  }
}
