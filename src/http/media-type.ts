/** A media type (RFC 9110 §8.3.1), type and parameter names in lower case. */
export interface MediaType {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const TYPE = /^\s*([!#$%&'*+.^_`|~0-9a-z-]+\/[!#$%&'*+.^_`|~0-9a-z-]+)\s*$/i;
const PARAMETER = /^\s*([!#$%&'*+.^_`|~0-9a-z-]+)=(?:"([^"]*)"|([^"\s]*))\s*$/i;

/** Undefined when there is no media type in the header's value; parameters that cannot be read are left out. */
export function parseMediaType(value: string): MediaType | undefined {
  const [first = '', ...rest] = value.split(';');
  const type = TYPE.exec(first)?.[1];
  if (type === undefined) return undefined;
  const parameters = new Map<string, string>();
  for (const part of rest) {
    const match = PARAMETER.exec(part);
    if (match?.[1] !== undefined) parameters.set(match[1].toLowerCase(), match[2] ?? match[3] ?? '');
  }
  return { type: type.toLowerCase(), parameters };
}

/** The elements of an Accept header, in the order written; quality values are left to the caller. */
export function parseAccept(value: string): MediaType[] {
  return value.split(',').flatMap((element) => parseMediaType(element) ?? []);
}
