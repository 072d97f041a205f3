import type { Note } from './check-result.ts';
import { BINDINGS } from './policy.ts';
import type { Binding } from './policy.ts';

/** Undefined: the binding is as strong as is wanted. `who` wants it, in words. */
export function bindingNote(has: Binding, wanted: Binding, who: string): Note | undefined {
  if (BINDINGS.indexOf(has) >= BINDINGS.indexOf(wanted)) return undefined;
  return {
    code: 'BINDING_TOO_WEAK',
    text: `the answer holds for the bytes only as "${has}", and ${who} wants "${wanted}"`,
    fix: FIX[wanted],
  };
}

/** What makes the binding as strong. */
const FIX: Readonly<Record<Binding, string>> = {
  path: 'ask again',
  identity: 'move the image to a local file system, or copy it into the store: vouch promote IMAGE',
  fd: 'ask with the open file (vouch admit --by-fd), or copy the image into the store: vouch promote IMAGE',
  'root-owned': 'move the image to a folder that only root can write, or into the store: vouch promote IMAGE',
  store: 'copy the image into the store and run that copy: vouch promote IMAGE',
};
