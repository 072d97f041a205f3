import { type Token, tokenize } from './tokens.ts';

/**
 * Finds what a module imports. Not a parser of TypeScript: it reads import and export declarations
 * among the tokens, so comments, strings, templates and regular expressions cannot look like imports.
 */

export interface Import {
  readonly specifier: string;
  /** First line is 1. */
  readonly line: number;
  /** `static` also covers side-effect imports; `reexport` is any `export … from`; `computed` has no literal. */
  readonly kind: 'static' | 'dynamic' | 'reexport' | 'computed';
  /** `import type …`: gone after compilation. */
  readonly typeOnly: boolean;
}

export function importsOf(source: string): Import[] {
  const tokens = tokenize(source);
  const found: Import[] = [];
  for (const [at, { kind, text }] of tokens.entries()) {
    if (kind !== 'word' || tokens[at - 1]?.text === '.') continue;
    const one =
      text === 'import'
        ? importAt(tokens, at)
        : text === 'export'
          ? reexportAt(tokens, at)
          : requireAt(tokens, at);
    if (one !== undefined) found.push(one);
  }
  return found;
}

function importAt(tokens: readonly Token[], at: number): Import | undefined {
  const next = tokens[at + 1];
  const line = tokens[at]?.line ?? 0;
  // `import.meta`, and a property called import.
  if (next === undefined || ['.', ':', ',', '}', ';'].includes(next.text)) return undefined;
  if (next.text === '(') return callAt(tokens, at);
  if (next.kind === 'string') return { specifier: next.text, line, kind: 'static', typeOnly: false };
  const after = tokens[at + 2]?.text;
  const typeOnly = next.text === 'type' && after !== 'from' && after !== ',';
  return { specifier: fromAfter(tokens, at, line), line, kind: 'static', typeOnly };
}

function reexportAt(tokens: readonly Token[], at: number): Import | undefined {
  const line = tokens[at]?.line ?? 0;
  const typeOnly = tokens[at + 1]?.text === 'type';
  const list = at + (typeOnly ? 2 : 1);
  const first = tokens[list]?.text;
  if (first === '*') return { specifier: fromAfter(tokens, list, line), line, kind: 'reexport', typeOnly };
  if (first !== '{') return undefined;
  const end = tokens.findIndex(({ text }, index) => index > list && text === '}');
  if (tokens[end + 1]?.text !== 'from') return undefined;
  return { specifier: fromAfter(tokens, end, line), line, kind: 'reexport', typeOnly };
}

function requireAt(tokens: readonly Token[], at: number): Import | undefined {
  return tokens[at]?.text === 'require' && tokens[at + 1]?.text === '(' ? callAt(tokens, at) : undefined;
}

function callAt(tokens: readonly Token[], at: number): Import {
  const line = tokens[at]?.line ?? 0;
  const [argument, end] = [tokens[at + 2], tokens[at + 3]];
  if (argument?.kind === 'string' && (end?.text === ')' || end?.text === ',')) {
    return { specifier: argument.text, line, kind: 'dynamic', typeOnly: false };
  }
  return { specifier: '', line, kind: 'computed', typeOnly: false };
}

function fromAfter(tokens: readonly Token[], start: number, line: number): string {
  for (let at = start; at < tokens.length && tokens[at]?.text !== ';'; at += 1) {
    const specifier = tokens[at + 1];
    if (tokens[at]?.text === 'from' && specifier?.kind === 'string') return specifier.text;
  }
  throw new Error(`line ${line}: an import or export that this reader does not understand`);
}
