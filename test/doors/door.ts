import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const DOORS = fileURLToPath(new URL('../../config/doors/', import.meta.url));

export function door(name: string): string {
  return `${DOORS}${name}`;
}

/** Shells that the doors have to work with, and how each is started. */
export const SHELLS: readonly (readonly [string, readonly string[]])[] = [
  ['dash', ['dash']],
  ['bash as sh', ['bash', '--posix']],
  ['busybox sh', ['busybox', 'sh']],
];

export function isInstalled(program: string): boolean {
  try {
    execFileSync('which', [program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export interface DoorEnded {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program with nothing of this machine's settings but PATH. Words may be octets. */
export async function runDoor(
  command: readonly string[],
  options: {
    readonly env?: Readonly<Record<string, string>>;
    readonly cwd?: string;
    readonly stdin?: string;
  } = {},
): Promise<DoorEnded> {
  const [program = '', ...words] = command;
  const env = { PATH: process.env['PATH'] ?? '', ...options.env };
  const child = spawn(program, words, { env, cwd: options.cwd, stdio: ['pipe', 'pipe', 'pipe'] });
  // A program that does not read it closes it.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.stdin ?? '');
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() };
}

/** Names that a script without care stumbles over. */
export const HOSTILE_NAMES: readonly string[] = [
  'with space.sif',
  "quote'.sif",
  'double".sif',
  '$(touch owned).sif',
  '`touch owned`.sif',
  'a;touch owned;.sif',
  'star*?.sif',
  'back\\slash.sif',
  'percent%41%00.sif',
  'plus+and&amp=1#x.sif',
  'line\nbreak.sif',
  'ends in newline\n',
  'two newlines\n\n',
  '-leading.sif',
  '--strict',
  '--',
  'a:b.sif',
  'docker:x',
  'comma,x.sif',
  'ümlaut\u202e.sif',
  '@file',
];
