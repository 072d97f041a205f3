import { describe } from 'vitest';

import type { Keystore } from '../../src/keystore/keystore.ts';
import { changesContract } from './contract-changes.ts';
import { documentsContract } from './contract-documents.ts';
import { recordsContract } from './contract-records.ts';
import { removalContract } from './contract-removal.ts';
import { searchContract } from './contract-search.ts';
import { watchContract } from './contract-watch.ts';

/** A fresh, empty store; `remove` takes away what it leaves on disk after `close`. */
export interface OpenedKeystore {
  readonly store: Keystore;
  readonly remove: () => Promise<void>;
}

export type OpenKeystore = (now: () => number) => Promise<OpenedKeystore>;

/** Checks each sentence of `src/keystore/keystore.ts`. */
export function keystoreContract(name: string, open: OpenKeystore): void {
  describe(`${name} keeps the contract of a keystore`, () => {
    recordsContract(open);
    searchContract(open);
    changesContract(open);
    removalContract(open);
    documentsContract(open);
    watchContract(open);
  });
}
