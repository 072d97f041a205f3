import { auditHost } from '../../admission/host/audit-host.ts';
import { collectHost } from '../../admission/host/collect-host.ts';
import type { EclFlavour } from '../../policy/ecl/ecl.ts';
import { importEcl } from '../../policy/ecl/import-ecl.ts';
import { parseEcl } from '../../policy/ecl/parse-ecl.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { Switch, TextFlag } from '../options.ts';
import { printable } from '../printable.ts';
import type { Terminal } from '../terminal.ts';
import { defaultList, FLAVOUR, flavourOf, keyringBeside, readKeyring, readListText } from './ecl-files.ts';
import { writeForAll } from './written-file.ts';

export const options: {
  readonly flavour: TextFlag;
  readonly keyring: TextFlag;
  readonly 'accept-legacy': Switch;
  readonly output: TextFlag;
} = {
  flavour: FLAVOUR,
  keyring: {
    type: 'string',
    requiresArg: true,
    describe: 'the global keyring [default: global-pgp-public beside the list]',
  },
  'accept-legacy': {
    type: 'boolean',
    describe: 'import a list for legacy signatures as one for modern ones on the primary partition',
  },
  output: { type: 'string', requiresArg: true, describe: 'file for the policy [default: standard output]' },
};

export interface ImportEclArguments {
  /** The list; undefined: that of this host. */
  readonly ecl: string | undefined;
  readonly flavour: string | undefined;
  readonly keyring: string | undefined;
  readonly 'accept-legacy': boolean | undefined;
  readonly output: string | undefined;
}

/** Says an execution control list in the words of a policy, and on stderr what differs. */
export async function run(args: ImportEclArguments, terminal: Terminal): Promise<ExitCode> {
  const flavour = flavourOf(args.flavour);
  const path = args.ecl ?? defaultList(flavour);
  const ecl = parseEcl(await readListText(path), path);
  const keyring = await readKeyring(args.keyring ?? keyringBeside(path), {
    named: args.keyring !== undefined,
    now: Date.now() / 1000,
    terminal,
  });
  const acceptLegacy = args['accept-legacy'] === true;
  const { toml, notes } = importEcl(ecl, { flavour, keyring, acceptLegacy });
  for (const note of [...notes, ...(await effectOf(flavour))]) terminal.err(`NOTE: ${printable(note)}\n`);
  if (args.output === undefined) await terminal.out(toml);
  else await writeForAll(args.output, toml);
  return EXIT.done;
}

/** What the list that is installed on this host is worth there. */
async function effectOf(flavour: EclFlavour): Promise<string[]> {
  const searchPath = (process.env['PATH'] ?? '').split(':');
  const facts = await collectHost({ root: '/', searchPath, folders: [] });
  const tools = facts.tools.filter((tool) => tool.flavour === flavour);
  if (tools.length === 0) return [`on this host ${flavour} was not found, so no list has any effect`];
  return auditHost({ ...facts, tools, folders: [] })
    .filter(({ code }) => code.startsWith('ECL_'))
    .map(({ subject, text }) => `on this host, ${subject}: ${text}`);
}
