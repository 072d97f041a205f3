import { ServerError } from './error.ts';

/** What an operation was given, by name: text, or a list of it. Throws `BAD_ARGUMENT`. */
export class OperationArguments {
  readonly #given: Readonly<Record<string, unknown>>;

  constructor(given: unknown, known: readonly string[]) {
    if (typeof given !== 'object' || given === null || Array.isArray(given)) {
      throw new ServerError('BAD_ARGUMENT', 'an operation is asked for with a JSON object');
    }
    this.#given = { ...given };
    const unknown = Object.keys(this.#given).find((name) => !known.includes(name));
    if (unknown !== undefined) throw new ServerError('BAD_ARGUMENT', `"${unknown}" means nothing here`);
  }

  value(name: string): unknown {
    return this.#given[name];
  }

  text(name: string): string {
    const value = this.optionalText(name);
    if (value === undefined) throw new ServerError('BAD_ARGUMENT', `"${name}" is missing`);
    return value;
  }

  optionalText(name: string): string | undefined {
    const value = this.#given[name];
    if (value === undefined || typeof value === 'string') return value;
    throw new ServerError('BAD_ARGUMENT', `"${name}" must be text`);
  }

  /** Upper-case digits; people paste fingerprints in groups, in either case, with 0x. */
  fingerprint(name: string): string {
    const digits = this.text(name).replace(/\s/g, '').replace(/^0x/i, '').toUpperCase();
    if (/^(?:[0-9A-F]{40}|[0-9A-F]{64})$/.test(digits)) return digits;
    throw new ServerError('BAD_ARGUMENT', 'a key is named by its full fingerprint: 40 or 64 digits');
  }
}
