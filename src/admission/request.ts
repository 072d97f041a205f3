/* What is asked of the daemon, after it was read and checked. */
import type { Binding } from '../policy/policy.ts';

/** An image to be opened by its path, or one that a process holds open. */
export type ImageRequest =
  | { readonly kind: 'path'; readonly path: Uint8Array }
  | { readonly kind: 'fd'; readonly pid: number; readonly fd: number };

export interface AdmitRequest {
  /** At least one; all have to pass. */
  readonly images: readonly ImageRequest[];
  /** SHA-256, lower-case hexadecimal, that the one image must have. */
  readonly expect?: string;
  /** What the caller says of itself, for the log: short texts. */
  readonly context: Readonly<Record<string, string>>;
  /** Milliseconds that the caller waits. */
  readonly wait: number;
  /** Stronger than the rule's, if at all. */
  readonly minBinding?: Binding;
}

/** Who asks, by the socket that it comes through: the kernel lets nobody else connect there. */
export type Caller =
  /** The daemon's own user, through the admin socket: may ask for every file that the daemon can read. */
  | { readonly kind: 'admin' }
  /** Through the socket of this user: only for what that user may read. */
  | { readonly kind: 'user'; readonly uid: number }
  /** Through the public socket: only for what everybody may read. */
  | { readonly kind: 'anyone' };
