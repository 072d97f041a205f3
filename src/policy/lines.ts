import { MAX_SHOWN_KEY } from './limits.ts';

/** Where in a file a value stands: names of keys and numbers of list entries, from the top. */
export type KeyPath = readonly (string | number)[];

/** The lines that the keys of a file stand in, the first of it being 1. */
export class Lines {
  readonly #lines = new Map<string, number>();

  /** The first place that is noted for a path is kept. */
  note(path: KeyPath, line: number): void {
    const key = JSON.stringify(path);
    if (!this.#lines.has(key)) this.#lines.set(key, line);
  }

  /** The line of a value; of the nearest that contains it when it is not there itself. */
  of(path: KeyPath): number {
    for (let length = path.length; length > 0; length -= 1) {
      const line = this.#lines.get(JSON.stringify(path.slice(0, length)));
      if (line !== undefined) return line;
    }
    return 1;
  }
}

/** `rule[0].require.threshold`. */
export function dotted(path: KeyPath): string {
  return path.reduce<string>((before, part) => {
    if (typeof part === 'number') return `${before}[${part}]`;
    const short = part.length > MAX_SHOWN_KEY ? `${part.slice(0, MAX_SHOWN_KEY)}…` : part;
    const key = /^[\w-]+$/.test(short) ? short : JSON.stringify(short);
    return before === '' ? key : `${before}.${key}`;
  }, '');
}
