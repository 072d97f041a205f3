/** Something that was in an upload and is not kept. */
export interface LeftOut {
  /** What it was, in the singular and in the field's terms: `third-party certification`, `user ID`, … */
  readonly what: string;
  /** Why, as a clause: `not verified by this server`, `no valid self-signature`. */
  readonly why: string;
  readonly count: number;
}
