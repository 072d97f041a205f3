/* The execution control list and the global keyring of a host, as files. */
import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PublicRing } from '../../keyring/public-ring.ts';
import { systemCode, systemReason } from '../../keyring/system-reason.ts';
import { certificateState } from '../../openpgp/state.ts';
import { ECL_FLAVOURS } from '../../policy/ecl/ecl.ts';
import type { EclFlavour } from '../../policy/ecl/ecl.ts';
import type { KeyringKey } from '../../policy/ecl/import-ecl.ts';
import { MAX_ECL_CHARACTERS } from '../../policy/ecl/limits.ts';
import { CliError } from '../error.ts';
import { warnOfProblems } from '../key/keyrings.ts';
import type { TextFlag } from '../options.ts';
import { printable } from '../printable.ts';
import type { Terminal } from '../terminal.ts';

export const FLAVOUR: TextFlag = {
  type: 'string',
  requiresArg: true,
  describe: 'which tool reads the list: singularity or apptainer',
};

/** Throws `USAGE`: the two read one list differently, so nobody guesses. */
export function flavourOf(text: string | undefined): EclFlavour {
  const flavour = ECL_FLAVOURS.find((one) => one === text);
  if (flavour === undefined) {
    throw new CliError(
      'USAGE',
      '--flavour is needed: singularity or apptainer, they read one list differently',
    );
  }
  return flavour;
}

/** Where the list is when nobody names it: below either prefix that the tools are built with. */
export function defaultList(flavour: EclFlavour): string {
  const places = ['/etc', '/usr/local/etc'].map((folder) => join(folder, flavour, 'ecl.toml'));
  return places.find((path) => existsSync(path)) ?? join('/etc', flavour, 'ecl.toml');
}

/** The global keyring that belongs to a list lies beside it. */
export function keyringBeside(list: string): string {
  return join(dirname(list), 'global-pgp-public');
}

/** Throws `NO_SUCH_FILE` or `UNREADABLE_FILE`. */
export async function readListText(path: string): Promise<string> {
  try {
    const file = await open(path, 'r');
    try {
      // One character may take four octets; a longer list is refused for its characters.
      const octets = Buffer.alloc(4 * MAX_ECL_CHARACTERS + 1);
      const { bytesRead } = await file.read(octets);
      return new TextDecoder('utf-8', { fatal: true }).decode(octets.subarray(0, bytesRead));
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') {
      throw new CliError('NO_SUCH_FILE', `there is no list ${path}; name it`, { cause });
    }
    const reason = cause instanceof TypeError ? 'it is not UTF-8 text' : systemReason(cause);
    throw new CliError('UNREADABLE_FILE', `cannot read ${path}: ${reason}`, { cause });
  }
}

/** The keys that are there; says what cannot be used. A file that is not there has none, unless it was `named`. */
export async function readKeyring(
  path: string,
  { named, now, terminal }: { named: boolean; now: number; terminal: Terminal },
): Promise<KeyringKey[]> {
  if (!existsSync(path)) {
    if (named) throw new CliError('NO_SUCH_FILE', `there is no keyring ${path}`);
    terminal.err(`NOTE: there is no global keyring ${printable(path)}: no key is known\n`);
  }
  const warn = (text: string): void => terminal.err(`WARNING: ${printable(text)}\n`);
  const ring = new PublicRing(path, { confined: false, warn });
  const { certificates, problems } = await ring.read();
  warnOfProblems(path, problems, terminal);
  return certificates.map((certificate) => {
    const { fingerprint, userIds, revoked, expired } = certificateState(certificate, now);
    const state = revoked ? 'revoked' : expired ? 'expired' : 'good';
    return { fingerprint, names: userIds.map(({ text }) => text), state };
  });
}
