import { VouchError } from '../../error.ts';

/** What a running server could not do: the error it had, which ends a command as it would have here. */
export class ServerRefusal extends VouchError {
  /** Name of the error's class. */
  readonly room: string;

  constructor(room: string, code: string, message: string) {
    super(code, message);
    this.room = room;
  }
}
