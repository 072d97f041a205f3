/**
 * The one base of every error Vouch throws on purpose. Machines read `code`, people read `message`: each
 * room has a closed union of codes, and a message may be reworded at any time.
 */
export class VouchError<Code extends string = string> extends Error {
  readonly code: Code;

  constructor(code: Code, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}
