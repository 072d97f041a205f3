/*
 * The lines of the keys of a TOML text. The parser in use tells no places; this scan tells nothing else. It is made
 * for texts that the parser took, and on others says something, without throwing.
 */
import { Lines } from './lines.ts';
import type { KeyPath } from './lines.ts';
import { MAX_NESTING } from './limits.ts';

export interface TomlPlaces {
  readonly lines: Lines;
  /** Dates of days that no calendar has, such as 2027-02-30: the parser takes them for later days. */
  readonly impossibleDates: readonly { readonly line: number; readonly text: string }[];
}

export function locateToml(text: string): TomlPlaces {
  return new Scan(text).run();
}

class Scan {
  readonly #text: string;
  readonly #lines = new Lines();
  readonly #impossible: { line: number; text: string }[] = [];
  /** Entries of each array of tables so far. */
  readonly #entries = new Map<string, number>();
  #at = 0;
  #line = 1;
  #table: KeyPath = [];

  constructor(text: string) {
    this.#text = text;
  }

  run(): TomlPlaces {
    for (;;) {
      this.#skipBlank();
      if (this.#at >= this.#text.length) return { lines: this.#lines, impossibleDates: this.#impossible };
      if (this.#sees('[')) this.#header();
      else this.#assignment(this.#table, 0);
      this.#take(/[^\n]*/y);
    }
  }

  #header(): void {
    const line = this.#line;
    const array = this.#take(/\[\[?/y).length === 2;
    const keys = this.#dottedKey();
    let path: KeyPath = [];
    for (const [index, key] of keys.entries()) {
      path = [...path, key];
      this.#lines.note(path, line);
      const name = JSON.stringify(path);
      const count = this.#entries.get(name);
      if (array && index === keys.length - 1) {
        path = [...path, count ?? 0];
        this.#entries.set(name, (count ?? 0) + 1);
      } else if (count !== undefined) path = [...path, count - 1];
    }
    this.#lines.note(path, line);
    this.#table = path;
  }

  #assignment(table: KeyPath, depth: number): void {
    const line = this.#line;
    let path = table;
    for (const key of this.#dottedKey()) {
      path = [...path, key];
      this.#lines.note(path, line);
    }
    this.#take(/[ \t]*/y);
    if (this.#take(/=[ \t]*/y) !== '') this.#value(path, depth);
  }

  #value(path: KeyPath, depth: number): void {
    // Deeper than any policy: what is wrong is told of a table around it.
    if (depth > MAX_NESTING) this.#at = this.#text.length;
    else if (this.#take(/\[/y) !== '') this.#list(path, depth);
    else if (this.#take(/\{/y) !== '') this.#inlineTable(path, depth);
    else if (this.#quoted() === undefined) this.#bare();
  }

  #list(path: KeyPath, depth: number): void {
    for (let index = 0; this.#enters(']');) {
      if (this.#take(/,/y) !== '') index += 1;
      else {
        this.#lines.note([...path, index], this.#line);
        this.#advancing(() => this.#value([...path, index], depth + 1));
      }
    }
  }

  #inlineTable(path: KeyPath, depth: number): void {
    while (this.#enters('}')) {
      if (this.#take(/,/y) === '') this.#advancing(() => this.#assignment(path, depth + 1));
    }
  }

  /** Whether there is something before the closing bracket, which is passed. */
  #enters(close: string): boolean {
    this.#skipBlank();
    if (!this.#sees(close)) return this.#at < this.#text.length;
    this.#at += 1;
    return false;
  }

  #advancing(step: () => void): void {
    const before = this.#at;
    step();
    if (this.#at === before) this.#at += 1;
  }

  #dottedKey(): string[] {
    const keys: string[] = [];
    do {
      this.#take(/[ \t]*/y);
      const key = this.#quoted() ?? this.#take(/[\w-]+/y);
      keys.push(key);
      this.#take(/[ \t]*/y);
    } while (this.#take(/\./y) !== '');
    return keys;
  }

  /** Passes a string of any of the four kinds; what is in it, or undefined when there is none. */
  #quoted(): string | undefined {
    if (this.#sees('"""')) return this.#take(/"""[^"\\]*(?:(?:\\[^]|"(?!""))[^"\\]*)*(?:"{3,5}|$)/y);
    if (this.#sees("'''")) return this.#take(/'''[^]*?(?:'{3,5}|$)/y);
    if (this.#sees("'")) return this.#take(/'[^'\n]*'?/y).replaceAll("'", '');
    if (!this.#sees('"')) return undefined;
    const text = this.#take(/"[^"\\\n]*(?:\\.[^"\\\n]*)*"?/y);
    return unescaped(text) ?? text;
  }

  #bare(): void {
    const line = this.#line;
    const text = this.#take(/[^,\]}#\n]*/y).trim();
    if (isImpossibleDate(text)) this.#impossible.push({ line, text });
  }

  #skipBlank(): void {
    this.#take(/\s*(?:#[^\n]*\s*)*/y);
  }

  #sees(text: string): boolean {
    return this.#text.startsWith(text, this.#at);
  }

  /** Passes what a sticky pattern matches here. */
  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const [taken = ''] = pattern.exec(this.#text) ?? [];
    this.#at += taken.length;
    for (let at = taken.indexOf('\n'); at >= 0; at = taken.indexOf('\n', at + 1)) this.#line += 1;
    return taken;
  }
}

/** The escapes that JSON has too; undefined for others. */
function unescaped(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

function isImpossibleDate(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)/.exec(text) ?? [];
  if (day === undefined) return false;
  // Leap years come again every 400 years; small numbers would mean the 20th century to Date.UTC.
  const days = new Date(Date.UTC(2000 + (Number(year) % 400), Number(month), 0)).getUTCDate();
  return Number(day) > days;
}
