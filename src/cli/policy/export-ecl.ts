import { realpathSync } from 'node:fs';
import { serializeCertificate } from '../../openpgp/certificate.ts';
import { PolicyError } from '../../policy/error.ts';
import { exportEcl } from '../../policy/ecl/export-ecl.ts';
import type { EclExport } from '../../policy/ecl/export-ecl.ts';
import { parseEcl } from '../../policy/ecl/parse-ecl.ts';
import { parsePolicy } from '../../policy/parse-policy.ts';
import { CliError } from '../error.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { TextFlag } from '../options.ts';
import { printable } from '../printable.ts';
import type { Terminal } from '../terminal.ts';
import { FLAVOUR, flavourOf } from './ecl-files.ts';
import { certificatesFor, unfitness } from './key-material.ts';
import { policyFiles } from './policy-files.ts';
import { writeForAll } from './written-file.ts';

export const options: {
  readonly flavour: TextFlag;
  readonly output: TextFlag;
  readonly 'keyring-output': TextFlag;
  readonly keys: TextFlag;
} = {
  flavour: FLAVOUR,
  output: { type: 'string', requiresArg: true, describe: 'file for the list [default: standard output]' },
  'keyring-output': {
    type: 'string',
    requiresArg: true,
    describe: 'file for the global keyring that belongs to the list',
  },
  keys: {
    type: 'string',
    requiresArg: true,
    describe: "file or folder of certificates for it [default: this host's keyrings]",
  },
};

export interface ExportEclArguments {
  /** A file or folder; undefined: the policy of this host. */
  readonly policy: string | undefined;
  readonly flavour: string | undefined;
  readonly output: string | undefined;
  readonly 'keyring-output': string | undefined;
  readonly keys: string | undefined;
}

const HOST_POLICY = '/etc/vouch/policy.toml';

/** Writes what an execution control list can say of a policy, and says on stderr what is lost. */
export async function run(args: ExportEclArguments, terminal: Terminal): Promise<ExitCode> {
  const flavour = flavourOf(args.flavour);
  const { output, 'keyring-output': keyringOutput } = args;
  if (args.keys !== undefined && keyringOutput === undefined) {
    throw new CliError('USAGE', '--keys is for --keyring-output; give both, or neither');
  }
  const policy = parsePolicy(await policyFiles([args.policy ?? HOST_POLICY], terminal));
  const made = exportEcl(policy, { flavour });
  for (const one of made.lost) terminal.err(`LOST: ${printable(one)}\n`);
  if (!made.admits && output !== undefined) {
    throw new PolicyError(
      'BAD_ECL',
      `the list would refuse every image on this host, so ${output} was not written; what is lost says why`,
    );
  }
  warnOfFolders(made, terminal);
  // The keyring first: the old list with fewer keys refuses more, the new one with old keys might admit more.
  if (keyringOutput !== undefined) await writeKeyring(keyringOutput, made, args.keys, terminal);
  if (output === undefined) await terminal.out(made.toml);
  else await writeForAll(output, made.toml);
  return EXIT.done;
}

/** One folder that is not there stops every image on a host. */
function warnOfFolders({ toml }: EclExport, terminal: Terminal): void {
  for (const { dirPath } of parseEcl(toml, 'the list').groups) {
    if (dirPath === '' || isReal(dirPath)) continue;
    terminal.err(
      `WARNING: ${printable(dirPath)} is not there, or not under its real path: with this list the tools refuse ` +
        'every image on this host\n',
    );
  }
}

function isReal(path: string): boolean {
  try {
    return realpathSync(path) === path;
  } catch {
    return false;
  }
}

async function writeKeyring(
  path: string,
  { keyring, denied }: EclExport,
  keys: string | undefined,
  terminal: Terminal,
): Promise<void> {
  const certificates = await certificatesFor(keyring, keys, terminal);
  const fit = [...certificates].flatMap(([fingerprint, certificate]) => {
    const why = unfitness(certificate, denied);
    if (why === undefined) return [serializeCertificate(certificate)];
    terminal.err(`WARNING: ${fingerprint} is left out of the keyring: ${why}\n`);
    return [];
  });
  for (const fingerprint of keyring) {
    if (!certificates.has(fingerprint)) {
      terminal.err(`WARNING: there is no certificate for ${fingerprint}: its signatures will not count\n`);
    }
  }
  await writeForAll(path, Buffer.concat(fit));
}
