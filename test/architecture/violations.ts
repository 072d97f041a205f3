import { posix } from 'node:path';
import { type Import, importsOf } from './imports.ts';
import { GROUND, PACKAGES, RESERVED, ROOMS, VAGUE_NAMES } from './rules.ts';

/** One line a person can act on: which file, which import, which rule. */
export type Violation = string;

/** `files`: path relative to src, with forward slashes, to the text of the file. */
export function violations(files: ReadonlyMap<string, string>): Violation[] {
  const paths = [...files.keys()];
  const found = paths.flatMap((path) => nameViolations(path));
  for (const [path, source] of files) {
    for (const one of importsOf(source)) {
      const rule = brokenRule(path, one, files);
      if (rule !== undefined) found.push(`src/${path}:${one.line} imports '${one.specifier}': ${rule}`);
    }
  }
  return [...found, ...startupViolations(files)];
}

function nameViolations(path: string): Violation[] {
  const [room, ...rest] = path.split('/');
  const vague = path
    .replace(/\.ts$/, '')
    .split('/')
    .filter((part) => VAGUE_NAMES.includes(part));
  const found = vague.map((name) => `src/${path}: '${name}' says nothing; name the file after its concept`);
  if (rest.length === 0) {
    if (!GROUND.includes(path))
      found.push(`src/${path}: only ${GROUND.join(' and ')} stand at the top of src`);
  } else if (room === undefined || !Object.hasOwn(ROOMS, room)) {
    found.push(`src/${path}: the table of rooms has no '${room}'`);
  }
  return found;
}

function brokenRule(path: string, one: Import, files: ReadonlyMap<string, string>): string | undefined {
  if (one.kind === 'computed') return 'import() and require() need a literal, so that this check can read it';
  if (one.kind === 'reexport') return 'no re-exports; import from where a thing is defined';
  return one.specifier.startsWith('.')
    ? brokenRoomRule(path, one, files)
    : brokenPackageRule(path, one.specifier);
}

function brokenRoomRule(path: string, one: Import, files: ReadonlyMap<string, string>): string | undefined {
  const target = resolve(path, one.specifier);
  if (!files.has(target)) return `there is no src/${target}`;
  if (GROUND.includes(path)) return `${path} imports nothing`;
  if (GROUND.includes(target)) return undefined;
  const reserved = brokenReserve(path, target);
  if (reserved !== undefined) return reserved;
  const room = roomOf(path);
  const targetRoom = roomOf(target);
  const rules = ROOMS[room];
  if (rules === undefined || room === targetRoom) return undefined;
  const { mayImport, typesOf = [] } = rules;
  if (mayImport.some((allowed) => isWithin(target, allowed))) return undefined;
  if (one.typeOnly && typesOf.includes(targetRoom)) return undefined;
  const allowed = [...mayImport, ...typesOf.map((name) => `types of ${name}`)].join(', ');
  return `room ${room} may import ${allowed === '' ? 'no other room' : `only ${allowed}`}`;
}

function brokenReserve(path: string, target: string): string | undefined {
  const keepers = RESERVED[target.replace(/\.ts$/, '')];
  if (keepers === undefined || keepers.some((keeper) => isWithin(path, keeper))) return undefined;
  return `only ${keepers.join(', ')} may import it`;
}

function brokenPackageRule(path: string, specifier: string): string | undefined {
  if (GROUND.includes(path)) return `${path} imports nothing`;
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  const places = PACKAGES[name];
  if (places === undefined) {
    return specifier.startsWith('node:')
      ? undefined
      : `the table of packages has no '${name}' (Node's own begin with node:)`;
  }
  return places.some((place) => isWithin(path, place))
    ? undefined
    : `${name} belongs in ${places.join(', ')}`;
}

/** A command is loaded when it is chosen: what `vouch --version` loads stays in the cli room. */
function startupViolations(files: ReadonlyMap<string, string>): Violation[] {
  const reached = new Set<string>();
  const queue = ['cli/main.ts'].filter((path) => files.has(path));
  const found: Violation[] = [];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    for (const one of importsOf(files.get(path) ?? '')) {
      if (one.kind !== 'static' || one.typeOnly || !one.specifier.startsWith('.')) continue;
      const target = resolve(path, one.specifier);
      if (roomOf(target) === 'cli') queue.push(target);
      else if (!GROUND.includes(target)) {
        found.push(
          `src/${path}:${one.line} imports '${one.specifier}': cli/main.ts reaches it at start; use import()`,
        );
      }
    }
  }
  return found;
}

function resolve(path: string, specifier: string): string {
  return posix.normalize(posix.join(posix.dirname(path), specifier));
}

/** The first folder; nothing for a file at the top of src. */
function roomOf(path: string): string {
  return path.slice(0, Math.max(path.indexOf('/'), 0));
}

/** `place` is a room, a file without its ending, or a folder. */
function isWithin(path: string, place: string): boolean {
  return path === `${place}.ts` || path.startsWith(`${place}/`);
}
