/*
 * Items of a store as octets: the number of octets of the JSON and of what follows it (4 each, big-endian), the
 * JSON, and for a certificate its bytes. The last frame counts those before it.
 */
import type { StoreItem } from '../../keystore/keystore.ts';
import { ServerError } from '../error.ts';
import { MAX_ITEM_OCTETS } from '../limits.ts';
import { readItem } from './read-item.ts';

const LENGTHS = 8;
const EMPTY: Buffer = Buffer.alloc(0);

/** How many items a backup has. */
export interface ItemCounts {
  certificates: number;
  tombstones: number;
  documents: number;
  changes: number;
}

export function noItems(): ItemCounts {
  return { certificates: 0, tombstones: 0, documents: 0, changes: 0 };
}

const COUNTED = {
  certificate: 'certificates',
  tombstone: 'tombstones',
  document: 'documents',
  change: 'changes',
} as const satisfies Record<StoreItem['type'], keyof ItemCounts>;

export function countItem(counts: ItemCounts, { type }: StoreItem): void {
  counts[COUNTED[type]] += 1;
}

export function itemFrame(item: StoreItem): Buffer {
  if (item.type !== 'certificate') return frame(item, EMPTY);
  const { bytes, ...named } = item.record;
  return frame({ type: 'certificate', record: named }, bytes);
}

export function endFrame(counts: ItemCounts): Buffer {
  return frame({ type: 'end', counts }, EMPTY);
}

function frame(value: unknown, bytes: Uint8Array): Buffer {
  const json = Buffer.from(JSON.stringify(value), 'utf8');
  const lengths = Buffer.alloc(LENGTHS);
  lengths.writeUInt32BE(json.length, 0);
  lengths.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([lengths, json, bytes]);
}

/**
 * The items in a stream of frames. Throws `BAD_BACKUP` for what is not one, for a stream that ends early, and when
 * the counts at its end do not fit.
 */
export async function* itemsOf(octets: AsyncIterable<Buffer>): AsyncGenerator<StoreItem> {
  const counts = noItems();
  let held = EMPTY;
  let ended = false;
  for await (const chunk of octets) {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    for (;;) {
      const length = frameLength(held);
      if (length === undefined || held.length < length) break;
      if (ended) throw damaged('it goes on after its end');
      const found = readFrame(held.subarray(0, length));
      held = held.subarray(length);
      if (found === undefined) throw damaged('an item cannot be read');
      if ('end' in found) {
        if (found.end !== JSON.stringify(counts)) throw damaged('it has not as many items as it says');
        ended = true;
      } else {
        countItem(counts, found);
        yield found;
      }
    }
  }
  if (!ended || held.length > 0) throw damaged('it is cut short');
}

/** Undefined when the lengths are not there yet. */
function frameLength(held: Buffer): number | undefined {
  if (held.length < LENGTHS) return undefined;
  const length = LENGTHS + held.readUInt32BE(0) + held.readUInt32BE(4);
  if (length > MAX_ITEM_OCTETS) throw damaged(`an item has more than ${MAX_ITEM_OCTETS} octets`);
  return length;
}

function readFrame(octets: Buffer): StoreItem | { readonly end: string } | undefined {
  const start = LENGTHS + octets.readUInt32BE(0);
  let value: unknown;
  try {
    value = JSON.parse(octets.toString('utf8', LENGTHS, start));
  } catch {
    return undefined;
  }
  if (typeof value === 'object' && value !== null && 'counts' in value) {
    return { end: JSON.stringify(value.counts) };
  }
  return readItem(value, octets.subarray(start));
}

export function damaged(how: string): ServerError {
  return new ServerError('BAD_BACKUP', `the backup is damaged: ${how}`);
}
