import type { Note } from './check-result.ts';

/** What a check says of one vote. */
export interface Ruling {
  /** `doubt`: it cannot be told whether the vote counts. */
  readonly effect: 'keep' | 'strike' | 'doubt';
  /** Why; of a vote that is kept: what should be known nevertheless. */
  readonly notes: readonly Note[];
}

export const KEEP: Ruling = { effect: 'keep', notes: [] };
