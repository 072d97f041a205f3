import { KeystoreError } from '../../src/keystore/error.ts';

/** The code of what `read` throws; undefined when it throws nothing, `other` when it is nothing of this room. */
export function failureCode(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    return error instanceof KeystoreError ? error.code : 'other';
  }
}
