/** Lines of a settings file that are looked at: the ones that the tools install have some 600. */
const MAX_LINES = 10_000;

/**
 * The directives of a singularity.conf or apptainer.conf: `allow setuid = yes`, one a line. What is not a directive
 * is passed over, as the tools do.
 */
export function parseToolSettings(text: string): Map<string, string[]> {
  const directives = new Map<string, string[]>();
  for (const line of text.split('\n', MAX_LINES)) {
    if (line.trimStart().startsWith('#')) continue;
    const equals = line.indexOf('=');
    if (equals === -1) continue;
    const name = line.slice(0, equals).trim().replace(/\s+/g, ' ');
    const value = line.slice(equals + 1).trim();
    if (name === '' || value === '') continue;
    const before = directives.get(name);
    if (before === undefined) directives.set(name, [value]);
    else before.push(value);
  }
  return directives;
}

/** A switch that is `yes` unless the file says otherwise; the last line counts. */
export function isAllowed(directives: ReadonlyMap<string, readonly string[]>, name: string): boolean {
  return (directives.get(name)?.at(-1) ?? 'yes').toLowerCase() !== 'no';
}

/** A list of values, as `limit container paths` has them. */
export function valuesOf(directives: ReadonlyMap<string, readonly string[]>, name: string): string[] {
  const values = (directives.get(name) ?? []).flatMap((line) => line.split(','));
  return values.map((one) => one.trim()).filter((one) => one !== '' && one.toUpperCase() !== 'NULL');
}
