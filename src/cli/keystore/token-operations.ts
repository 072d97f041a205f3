import { randomBytes } from 'node:crypto';
import { createTokens, type Tokens } from '../../access/tokens.ts';
import type { Keystore } from '../../keystore/keystore.ts';
import type { StoreArguments } from '../options.ts';
import { namedStore, onHeldKeystore, onKeystore } from './store.ts';

/** What the commands do with tokens; a running server can do it for them. */
export type TokenOperations = Pick<Tokens, 'add' | 'list' | 'revoke'>;

/** Runs `use` on the tokens of the store that the flags name. With `make`, a store that is missing is made. */
export async function onTokens<T>(
  args: StoreArguments,
  use: (tokens: TokenOperations) => Promise<T>,
  { make }: { readonly make: boolean },
): Promise<T> {
  const { folder } = namedStore(args);
  const on = (keystore: Keystore): Promise<T> =>
    use(createTokens(keystore, { now: Date.now, random: randomBytes }));
  return make ? onKeystore(folder, on) : onHeldKeystore(folder, on);
}
