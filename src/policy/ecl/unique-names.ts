const LONGEST = 48;

/** Gives out names for a policy: short, of letters, digits, dots and dashes, none twice. */
export class UniqueNames {
  readonly #taken: Set<string>;

  constructor(reserved: readonly string[] = []) {
    this.#taken = new Set(reserved);
  }

  /** What is left of `wanted`, or else `otherwise`; with a number behind it when it is taken. */
  name(wanted: string, otherwise: string): string {
    const base = clean(wanted) || otherwise;
    let name = base;
    for (let i = 2; this.#taken.has(name); i += 1) name = `${base}-${i}`;
    this.#taken.add(name);
    return name;
  }
}

function clean(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9._]+/g, '-')
    .slice(0, LONGEST)
    .replace(/^[-._]+|[-._]+$/g, '');
}
