import { HkpError } from './error.ts';
import { MAX_VARIABLES } from './limits.ts';
import { decodedText } from './percent.ts';

/**
 * The variables of a query string or form. Names are compared without case, the first value of a name
 * counts, and unknown names are kept but harmless: they never become properties of an object. Throws
 * `TOO_MANY_VARIABLES`.
 */
export class Parameters {
  readonly #raw = new Map<string, string[]>();

  constructor(encoded: string) {
    for (const part of variablesOf(encoded)) {
      if (part === '') continue;
      const equals = part.indexOf('=');
      const name = readName(equals === -1 ? part : part.slice(0, equals));
      if (name === undefined) continue;
      const values = this.#raw.get(name);
      const value = equals === -1 ? '' : part.slice(equals + 1);
      if (values === undefined) this.#raw.set(name, [value]);
      else values.push(value);
    }
  }

  /** The value as it was sent, still encoded. */
  raw(name: string): string | undefined {
    return this.#raw.get(name)?.[0];
  }

  /** All values of a name as they were sent, in order. */
  allRaw(name: string): readonly string[] {
    return this.#raw.get(name) ?? [];
  }

  /** The decoded value, without white space around it. Throws `BAD_PERCENT`. */
  text(name: string): string | undefined {
    const raw = this.raw(name);
    return raw === undefined ? undefined : decodedText(raw, 'space').trim();
  }

  /** Whether a variable such as `exact` is on. */
  isOn(name: string): boolean {
    return /^(?:on|1|true|yes)$/i.test(this.text(name) ?? '');
  }

  /** The elements of `options`, in lower case (draft-shaw-openpgp-hkp-00 §3.1.2). */
  get options(): ReadonlySet<string> {
    const elements = (this.text('options') ?? '').split(',');
    return new Set(elements.map((element) => element.trim().toLowerCase()));
  }
}

function variablesOf(encoded: string): string[] {
  const parts = encoded.split('&', MAX_VARIABLES + 1);
  if (parts.length > MAX_VARIABLES) throw tooManyVariables();
  return parts;
}

export function tooManyVariables(): HkpError {
  return new HkpError('TOO_MANY_VARIABLES', `the request has more than ${MAX_VARIABLES} variables`);
}

/** A name that cannot be decoded is no name of ours, and no reason to refuse the request. */
function readName(encoded: string): string | undefined {
  if (/^[a-z0-9_-]+$/i.test(encoded)) return encoded.toLowerCase();
  try {
    return decodedText(encoded, 'space').trim().toLowerCase();
  } catch {
    return undefined;
  }
}
