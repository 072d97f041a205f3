export interface Token {
  readonly kind: 'word' | 'string' | 'other';
  /** A string without its quotes; `` ` `` for a piece of a template; `regex` for a regular expression. */
  readonly text: string;
  /** First line is 1. */
  readonly line: number;
}

/** After these a slash begins a regular expression; after anything else it divides. */
const BEFORE_REGEX = /^(?:[([{},;:=!&|?+\-*%~^<>]|return|typeof|case|in|of|await|yield|void|throw)$/;

const SPACE_OR_COMMENT = /(?:\s|\/\/.*|#!.*|\/\*[^]*?\*\/)+/y;
const STRING = /'(?:[^'\\\n]|\\[^])*'|"(?:[^"\\\n]|\\[^])*"/y;
const TEMPLATE_PIECE = /[`}](?:[^`\\$]|\\[^]|\$(?!\{))*(?:`|\$\{)/y;
const REGEX = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;
const WORD = /[\p{ID_Start}$_][\p{ID_Continue}$]*/uy;
const PUNCTUATION = /[^'"`\s]/uy;

/** Splits TypeScript into words, strings and punctuation. Throws on text it does not understand. */
export function tokenize(source: string): Token[] {
  return new Tokenizer(source).tokens;
}

class Tokenizer {
  readonly tokens: Token[] = [];
  readonly #source: string;
  #at = 0;
  #line = 1;
  /** For each open `${`, how many braces are open inside it. */
  readonly #templates: number[] = [];

  constructor(source: string) {
    this.#source = source;
    while (this.#at < source.length) {
      if (this.#take(SPACE_OR_COMMENT) === undefined) this.#next();
    }
  }

  #next(): void {
    const line = this.#line;
    const push = (kind: Token['kind'], text: string): void => void this.tokens.push({ kind, text, line });
    const string = this.#take(STRING);
    if (string !== undefined) return push('string', string.slice(1, -1));
    if (this.#templateGoesOn()) return push('other', '`');
    if (this.#regexMayBegin() && this.#take(REGEX) !== undefined) return push('other', 'regex');
    const word = this.#take(WORD);
    if (word !== undefined) return push('word', word);
    const punctuation = this.#take(PUNCTUATION);
    if (punctuation === undefined) throw new Error(`line ${line}: text that this reader does not understand`);
    this.#countBraces(punctuation);
    push('other', punctuation);
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const text = pattern.exec(this.#source)?.[0];
    if (text === undefined) return undefined;
    this.#at += text.length;
    this.#line += text.split('\n').length - 1;
    return text;
  }

  #templateGoesOn(): boolean {
    const character = this.#source.charAt(this.#at);
    const ends = character === '}' && this.#templates.at(-1) === 0;
    if (character !== '`' && !ends) return false;
    const piece = this.#take(TEMPLATE_PIECE);
    if (piece === undefined) throw new Error(`line ${this.#line}: a template that does not end`);
    if (ends) this.#templates.pop();
    if (piece.endsWith('${')) this.#templates.push(0);
    return true;
  }

  #regexMayBegin(): boolean {
    return this.#source.charAt(this.#at) === '/' && BEFORE_REGEX.test(this.tokens.at(-1)?.text ?? ';');
  }

  #countBraces(punctuation: string): void {
    const depth = this.#templates.pop();
    if (depth === undefined) return;
    this.#templates.push(depth + (punctuation === '{' ? 1 : punctuation === '}' ? -1 : 0));
  }
}
