/* Finding an installation of Singularity or Apptainer, and reading what root has set. */
import { execFile } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PolicyError } from '../../policy/error.ts';
import type { Ecl, EclFlavour } from '../../policy/ecl/ecl.ts';
import { parseEcl } from '../../policy/ecl/parse-ecl.ts';
import type { EclFileFacts, PlaceFacts, ToolFacts, ToolSettings } from './host-facts.ts';
import { placeAt, textAt } from './place.ts';
import { parseToolSettings } from './tool-settings.ts';
import { flavourOf, parseToolVersion } from './tool-version.ts';

/** Milliseconds for a program to say its version. */
const VERSION_WAIT = 5_000;
const MAX_VERSION_OCTETS = 64 * 1024;

/** Folders below a prefix where distributions put the tools' own programs. */
const LIBEXEC = ['libexec', 'lib/x86_64-linux-gnu', 'lib/aarch64-linux-gnu', 'lib64', 'lib'];

const run = promisify(execFile);

/** Settings are in /etc for what is installed in /usr, and below the prefix for everything else. */
export function settingsFolder(prefix: string, flavour: EclFlavour): string {
  return join(prefix === '/usr' ? '/' : prefix, 'etc', flavour);
}

/** Undefined: nothing of it is there. `prefix` is where it would be installed, `root` the host's root folder. */
export async function collectTool(
  root: string,
  prefix: string,
  flavour: EclFlavour,
): Promise<ToolFacts | undefined> {
  const folder = settingsFolder(prefix, flavour);
  const says = await versionOf(root, join(prefix, 'bin', flavour), flavour);
  const settings = await settingsAt(root, join(folder, `${flavour}.conf`));
  const starter = await starterOf(root, prefix, flavour);
  const ecl = await listAt(root, join(folder, 'ecl.toml'));
  if (says === undefined && settings === undefined && starter === undefined && ecl.state === 'absent') {
    return undefined;
  }
  return {
    flavour,
    ...(says !== undefined && { says }),
    ...(settings !== undefined && { settings }),
    ...(starter !== undefined && { starter }),
    ecl,
  };
}

/** What the program says; undefined when it is not there, or is the other tool under this one's name. */
async function versionOf(root: string, path: string, flavour: EclFlavour): Promise<string | undefined> {
  const program = await realpath(join(root, path)).catch(() => undefined);
  if (program === undefined) return undefined;
  const place = await placeAt('/', program);
  // What anybody could have put there is not run.
  if (place.kind !== 'file' || (place.mode & 0o022) !== 0) return undefined;
  const text = await askVersion(program);
  const version = parseToolVersion(text);
  const other = version !== undefined && flavourOf(version) !== undefined && flavourOf(version) !== flavour;
  return other ? undefined : text;
}

async function askVersion(program: string): Promise<string> {
  try {
    const options = {
      timeout: VERSION_WAIT,
      killSignal: 'SIGKILL' as const,
      maxBuffer: MAX_VERSION_OCTETS,
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    };
    return (await run(program, ['--version'], options)).stdout.trim();
  } catch {
    return 'it does not say';
  }
}

async function settingsAt(root: string, path: string): Promise<ToolSettings | undefined> {
  const text = await textAt(root, path);
  if (text === undefined) return undefined;
  return { file: await placeAt(root, path), directives: parseToolSettings(text) };
}

async function starterOf(root: string, prefix: string, flavour: EclFlavour): Promise<PlaceFacts | undefined> {
  for (const folder of LIBEXEC) {
    const place = await placeAt(root, join(prefix, folder, flavour, 'bin', 'starter-suid'));
    if (place.kind === 'file') return place;
  }
  return undefined;
}

async function listAt(root: string, path: string): Promise<EclFileFacts> {
  const file = await placeAt(root, path);
  const nothing = { file, activated: false, folders: [], badFolders: [], remarks: [] };
  if (file.kind === 'absent') return { ...nothing, state: 'absent' };
  const text = await textAt(root, path);
  if (text === undefined) return { ...nothing, state: 'unreadable' };
  const ecl = readList(text, path);
  if (!('groups' in ecl)) return { ...nothing, state: 'invalid', remarks: [ecl.fault] };
  const folders = ecl.groups.map(({ dirPath }) => dirPath).filter((one) => one !== '');
  const badFolders: string[] = [];
  for (const folder of folders) if (!(await isReal(root, folder))) badFolders.push(folder);
  const { activated, warnings } = ecl;
  return { file, state: 'valid', activated, folders, badFolders, remarks: warnings };
}

function readList(text: string, path: string): Ecl | { readonly fault: string } {
  try {
    return parseEcl(text, path);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return { fault: error.message };
  }
}

/** It is there, and no link is on the way. */
async function isReal(root: string, folder: string): Promise<boolean> {
  const real = await realpath(join(root, folder)).catch(() => undefined);
  return real !== undefined && real === join(await realpath(root), folder);
}
