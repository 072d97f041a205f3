/* The machine-readable index, held against what Singularity's `key search` can read without falling over. */

/** What is wrong with an index, in sentences; nothing when a client reads it as it is meant. */
export function indexFaults(text: string): string[] {
  const faults = new Set<string>();
  if (text.includes('\r')) faults.add('its lines end in CR LF: Singularity up to 3.9 cannot read the count');
  if (!text.endsWith('\n')) faults.add('the last line does not end');
  const lines = text.split(/\r?\n/).filter((line) => line !== '');
  const keys = lines.filter((line) => line.startsWith('pub:'));
  const announced = countFault(lines[0] ?? '', keys.length);
  if (announced !== undefined) faults.add(announced);
  for (const line of keys) for (const fault of keyLineFaults(line)) faults.add(fault);
  for (const line of lines.filter((one) => one.startsWith('uid:'))) {
    if (line.split(':').length !== 5) faults.add('a uid line does not have 5 fields');
    if (/[^\x20-\x7E]/.test(line)) faults.add('a user ID has octets that are not escaped');
  }
  return [...faults];
}

function countFault(first: string, keys: number): string | undefined {
  const count = /^info:1:(\d+)$/.exec(first)?.[1];
  if (count === undefined) return 'the first line is not "info:1:COUNT": "key search" falls over';
  if (Number(count) === keys) return undefined;
  return `it announces ${count} keys and holds ${keys}: "key search" refuses it`;
}

/** `pub:<fingerprint>:<algorithm>:<bits>:<created>:<expires>:<flags>` (draft-shaw-openpgp-hkp-00 §5.2). */
function* keyLineFaults(line: string): Generator<string> {
  const fields = line.split(':');
  const [, id = '', algorithm = '', bits = '', , , flags = ''] = fields;
  if (fields.length !== 7) yield 'a pub line does not have 7 fields: older clients fall over';
  if (!/^(?:[0-9A-F]{40}|[0-9A-F]{64})$/.test(id)) {
    yield 'a pub line has no full fingerprint in upper case: "key search --long-list" and pulls need it';
  }
  if (!/^\d+$/.test(algorithm)) yield 'an algorithm is not a number';
  if (!/^\d+$/.test(bits)) yield 'a key length is not a number';
  if (flags.length > 1) yield 'more than one flag on a key: Singularity shows it as enabled';
}

/** The fingerprint on the first pub line. */
export function firstFingerprint(text: string): string | undefined {
  return /^pub:([0-9A-F]{40}|[0-9A-F]{64}):/m.exec(text)?.[1];
}
