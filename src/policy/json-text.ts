/*
 * JSON (RFC 8259) with the lines of its keys. `JSON.parse` keeps the last of two values of one key and tells no
 * lines; a rule that is silently replaced by another is no policy.
 */
import { PolicyError } from './error.ts';
import { Lines } from './lines.ts';
import type { KeyPath } from './lines.ts';
import { MAX_NESTING } from './limits.ts';

export interface JsonText {
  readonly value: unknown;
  readonly lines: Lines;
}

/** `name` is for messages. Throws `BAD_SYNTAX`. */
export function parseJson(text: string, name: string): JsonText {
  return new JsonReader(text, name).read();
}

const WORDS: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
]);

class JsonReader {
  readonly #text: string;
  readonly #name: string;
  readonly #lines = new Lines();
  #at = 0;
  #line = 1;

  constructor(text: string, name: string) {
    this.#text = text;
    this.#name = name;
  }

  read(): JsonText {
    const value = this.#value([]);
    this.#blank();
    if (this.#at < this.#text.length) this.#fail('there is something after the end of the JSON value');
    return { value, lines: this.#lines };
  }

  #value(path: KeyPath): unknown {
    this.#blank();
    this.#lines.note(path, this.#line);
    if (path.length > MAX_NESTING)
      this.#fail(`lists and tables are nested deeper than ${MAX_NESTING} levels`);
    if (this.#takes('{')) return this.#object(path);
    if (this.#takes('[')) return this.#array(path);
    if (this.#text[this.#at] === '"') return this.#string();
    const number = this.#match(/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y);
    if (number !== '') return Number(number);
    const word = WORDS.get(this.#match(/[a-z]+/y));
    return word === undefined ? this.#fail('expected a JSON value') : word;
  }

  #object(path: KeyPath): Record<string, unknown> {
    const object: Record<string, unknown> = Object.create(null);
    this.#blank();
    if (this.#takes('}')) return object;
    do {
      this.#blank();
      const key = this.#string();
      if (key in object) this.#fail(`the key ${JSON.stringify(key)} is given twice; keep one of them`);
      this.#lines.note([...path, key], this.#line);
      this.#blank();
      this.#expect(':');
      object[key] = this.#value([...path, key]);
      this.#blank();
    } while (this.#takes(','));
    this.#expect('}');
    return object;
  }

  #array(path: KeyPath): unknown[] {
    const array: unknown[] = [];
    this.#blank();
    if (this.#takes(']')) return array;
    do {
      array.push(this.#value([...path, array.length]));
      this.#blank();
    } while (this.#takes(','));
    this.#expect(']');
    return array;
  }

  #string(): string {
    const quoted = this.#match(/"[^"\\]*(?:\\.[^"\\]*)*"/y);
    if (quoted === '') this.#fail('expected a text in double quotes');
    try {
      return String(JSON.parse(quoted));
    } catch {
      return this.#fail('a text with a control character or an unknown escape');
    }
  }

  #blank(): void {
    const blank = this.#match(/[ \t\r\n]*/y);
    this.#line += blank.split('\n').length - 1;
  }

  #takes(mark: string): boolean {
    if (this.#text[this.#at] !== mark) return false;
    this.#at += 1;
    return true;
  }

  #expect(mark: string): void {
    if (!this.#takes(mark)) this.#fail(`expected "${mark}"`);
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const [taken = ''] = pattern.exec(this.#text) ?? [];
    this.#at += taken.length;
    return taken;
  }

  #fail(what: string): never {
    throw new PolicyError('BAD_SYNTAX', `${this.#name}:${this.#line}: ${what}`);
  }
}
