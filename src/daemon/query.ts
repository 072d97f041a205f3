import { bad } from './fields.ts';

/**
 * The query of an address, its values as octets: a path need not be text. A plus sign is a plus sign (RFC 3986).
 * Names are known and given once, else `BAD_REQUEST` is thrown.
 */
export function readQuery(query: string, known: readonly string[]): ReadonlyMap<string, Buffer> {
  const found = new Map<string, Buffer>();
  for (const part of query === '' ? [] : query.split('&')) {
    const [, name = '', value = ''] = /^([^=]*)=?(.*)$/s.exec(part) ?? [];
    if (!known.includes(name))
      throw bad(`the address has an unknown variable; known are ${known.join(', ')}`);
    if (found.has(name)) throw bad(`the address has the variable ${name} twice`);
    found.set(name, percentDecoded(value, name));
  }
  return found;
}

/** A value that is a decimal number; undefined when it is not given. */
export function numberIn(query: ReadonlyMap<string, Buffer>, name: string): number | undefined {
  const digits = query.get(name)?.toString('latin1');
  if (digits === undefined) return undefined;
  if (!/^\d{1,15}$/.test(digits)) throw bad(`${name} must be a whole number`);
  return Number(digits);
}

/** A value as text; undefined when it is not given. */
export function textIn(query: ReadonlyMap<string, Buffer>, name: string): string | undefined {
  return query.get(name)?.toString('utf8');
}

function percentDecoded(value: string, name: string): Buffer {
  if (/%(?![0-9a-f]{2})/i.test(value)) throw bad(`${name} has a percent sign that begins no octet`);
  // Node gives the request line as latin1: one character an octet.
  const octets = value.replace(/%([0-9a-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return Buffer.from(octets, 'latin1');
}
