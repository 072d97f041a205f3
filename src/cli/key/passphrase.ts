import { open } from 'node:fs/promises';
import { CliError } from '../error.ts';
import { asWritten } from '../standard-stream.ts';
import type { Terminal } from '../terminal.ts';
import type { ShortTextFlag } from './options.ts';
import type { TextFlag } from '../options.ts';
import { askYesNo } from './prompter.ts';
import type { Prompter } from './prompter.ts';

/** Octets of a password file that are read; gpg takes passphrases of 255. */
const MAX_PASSWORD_FILE = 4096;

export const PASSWORD_FILE: TextFlag = {
  type: 'string',
  requiresArg: true,
  describe: 'file whose first line is the passphrase; - is standard input',
};

export const PASSWORD: Omit<ShortTextFlag, 'requiresArg'> = {
  type: 'string',
  alias: 'P',
  describe: 'passphrase; other users of this machine can see it: better is --password-file',
};

export interface PassphraseArguments {
  readonly password: string | undefined;
  readonly 'password-file': string | undefined;
}

/** The passphrase that the command line names, if it names one; warns of the way that shows it to others. */
export async function namedPassphrase(
  args: PassphraseArguments,
  terminal: Terminal,
): Promise<string | undefined> {
  const { password, 'password-file': file } = args;
  if (password !== undefined && file !== undefined) {
    throw new CliError('USAGE', 'give --password-file or --password, not both');
  }
  if (file !== undefined) return readPassphrase(asWritten(file));
  if (password === undefined) return undefined;
  terminal.err(
    'WARNING: other users of this machine can read --password in the list of processes; use --password-file\n',
  );
  return password;
}

/** The first line of a file. */
export async function readPassphrase(path: string): Promise<string> {
  const text = (await firstOctets(path)).toString('utf8');
  const [line = ''] = text.split(/\r?\n/);
  if (Buffer.byteLength(line) >= MAX_PASSWORD_FILE) {
    throw new CliError('UNREADABLE_FILE', `the first line of ${path} is too long for a passphrase`);
  }
  return line;
}

async function firstOctets(path: string): Promise<Buffer> {
  if (path === '-') {
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) {
      chunks.push(Buffer.from(chunk));
      if (Buffer.concat(chunks).length >= MAX_PASSWORD_FILE) break;
    }
    return Buffer.concat(chunks).subarray(0, MAX_PASSWORD_FILE);
  }
  try {
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_PASSWORD_FILE), 0, MAX_PASSWORD_FILE, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw new CliError('UNREADABLE_FILE', `cannot read the password file ${path}`, { cause });
  }
}

const TRIES = 3;

/** Asks twice for a new passphrase; an empty one only when that is meant. */
export async function askNewPassphrase(prompter: Prompter, question: string): Promise<string> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const first = await prompter.askHidden(question);
    const second = await prompter.askHidden('Retype your passphrase : ');
    if (first === second && first !== '') return first;
    if (first === second) {
      const without =
        'WARNING: if there is no password set, your key is not secure. Do you want to continue? [y/n] ';
      if (await askYesNo(prompter, without, 'none')) return '';
      throw new CliError('NO_ANSWER', 'empty passphrase; no key was made');
    }
  }
  throw new CliError('NO_ANSWER', `the passphrases were not the same, ${TRIES} times`);
}
