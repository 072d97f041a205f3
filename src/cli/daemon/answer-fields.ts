import { CliError } from '../error.ts';

/** Reads an answer field by field: what is not as it has to be throws `NO_DAEMON`, never counts as something. */
export class AnswerFields {
  readonly #fields: ReadonlyMap<string, unknown>;
  readonly #where: string;

  constructor(value: unknown, where: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unreadable(where);
    this.#fields = new Map(Object.entries(value));
    this.#where = where;
  }

  has(name: string): boolean {
    const value = this.#fields.get(name);
    return value !== undefined && value !== null;
  }

  text(name: string): string {
    const value = this.#fields.get(name);
    return typeof value === 'string' ? value : this.#fail(name);
  }

  number(name: string): number {
    const value = this.#fields.get(name);
    return typeof value === 'number' ? value : this.#fail(name);
  }

  flag(name: string): boolean {
    const value = this.#fields.get(name);
    return typeof value === 'boolean' ? value : this.#fail(name);
  }

  /** One of the keys of `table`. */
  oneOf<Key extends string>(name: string, table: Readonly<Record<Key, unknown>>): Key {
    const value = this.text(name);
    return isKeyOf(table, value) ? value : this.#fail(name);
  }

  object(name: string): AnswerFields {
    return new AnswerFields(this.#fields.get(name), `${this.#where}, ${name}`);
  }

  list<T>(name: string, read: (fields: AnswerFields) => T): T[] {
    return this.#list(name).map((one, i) => read(new AnswerFields(one, `${this.#where}, ${name}[${i}]`)));
  }

  texts(name: string): string[] {
    return this.#list(name).map((one) => (typeof one === 'string' ? one : this.#fail(name)));
  }

  numbers(name: string): number[] {
    return this.#list(name).map((one) => (typeof one === 'number' ? one : this.#fail(name)));
  }

  /** Undefined when it is not there. */
  optional<T>(name: string, read: (name: string) => T): T | undefined {
    return this.has(name) ? read(name) : undefined;
  }

  #list(name: string): readonly unknown[] {
    const value: unknown = this.#fields.get(name);
    return Array.isArray(value) ? value : this.#fail(name);
  }

  #fail(name: string): never {
    throw unreadable(`${this.#where}, ${name}`);
  }
}

export function isKeyOf<Key extends string>(
  table: Readonly<Partial<Record<Key, unknown>>>,
  word: string,
): word is Key {
  return Object.hasOwn(table, word);
}

function unreadable(where: string): CliError {
  return new CliError(
    'NO_DAEMON',
    `what the daemon answers cannot be read (${where}); is it of the same version as this program?`,
  );
}
