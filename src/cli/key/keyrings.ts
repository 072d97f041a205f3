import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { GLOBAL_KEYRINGS, keyringPlaces, publicRingOf, secretRingOf } from '../../keyring/location.ts';
import { PublicRing } from '../../keyring/public-ring.ts';
import type { RingProblem } from '../../keyring/public-ring.ts';
import { SecretRing } from '../../keyring/secret-ring.ts';
import { CliError } from '../error.ts';
import { printable } from '../printable.ts';
import type { Terminal } from '../terminal.ts';

export interface PlaceArguments {
  readonly keysdir: string | undefined;
  readonly global?: boolean | undefined;
}

/** The keyrings a command works on, the one that new keys go into first. */
export interface HostRings {
  readonly publicRings: readonly [PublicRing, ...PublicRing[]];
  readonly secretRings: readonly [SecretRing, ...SecretRing[]];
}

/** This user's keyrings, or with `global` the administrator's. */
export function hostRings(args: PlaceArguments, terminal: Terminal): HostRings {
  const warn = (text: string): void => terminal.err(`WARNING: ${printable(text)}\n`);
  const { keysdir, global } = args;
  if (global === true && keysdir !== undefined) {
    throw new CliError('USAGE', '--global and --keysdir name different keyrings; give one of them');
  }
  const { folders } = keyringPlaces({ named: keysdir, environment: process.env, home: homedir() });
  const [first, ...others] = folders;
  const secretRing = (folder: string): SecretRing =>
    new SecretRing(secretRingOf(folder), { confined: true, warn });
  const publicRing = (path: string): PublicRing => new PublicRing(path, { confined: global !== true, warn });
  const paths = global === true ? globalPaths() : folders.map(publicRingOf);
  const [written = publicRingOf(first), ...more] = paths;
  return {
    publicRings: [publicRing(written), ...more.map(publicRing)],
    secretRings: [secretRing(first), ...others.map(secretRing)],
  };
}

/** Those that are there, or the one to be made. */
function globalPaths(): readonly string[] {
  const there = GLOBAL_KEYRINGS.filter((path) => existsSync(path));
  return there.length > 0 ? there : GLOBAL_KEYRINGS.slice(0, 1);
}

/** The global keyring holds no secret keys. */
export function refuseGlobalSecrets(args: PlaceArguments, secret: boolean): void {
  if (args.global === true && secret) {
    throw new CliError('USAGE', 'the global keyring holds public keys only; leave --global or --secret out');
  }
}

/** Says what in a keyring cannot be used, so that nobody looks for it in vain. */
export function warnOfProblems(path: string, problems: readonly RingProblem[], terminal: Terminal): void {
  for (const { offset, octets, fingerprint, reason } of problems) {
    const what = fingerprint === undefined ? `${octets} octets at ${offset}` : `key ${fingerprint}`;
    terminal.err(
      `WARNING: ${what} in ${printable(path)} cannot be used and is left as it is: ${printable(reason)}\n`,
    );
  }
}
