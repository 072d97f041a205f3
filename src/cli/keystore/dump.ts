import type { Keystore } from '../../keystore/keystore.ts';
import { dumpFiles } from '../dump/dump-writer.ts';
import type { DumpWriter } from '../dump/dump-writer.ts';
import { CliError } from '../error.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { STORE_OPTIONS } from '../options.ts';
import type { NumberFlag, StoreArguments, StoreOptions, TextFlag } from '../options.ts';
import { plural } from '../plural.ts';
import { asWritten } from '../standard-stream.ts';
import { progress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import { namedStore, onHeldKeystore } from './store.ts';

type DumpOptions = StoreOptions & { readonly 'output-dir': TextFlag; readonly 'per-file': NumberFlag };

export const options: DumpOptions = {
  ...STORE_OPTIONS,
  'output-dir': { type: 'string', requiresArg: true, describe: 'write several files into this folder' },
  'per-file': {
    type: 'number',
    requiresArg: true,
    describe: 'certificates in each of them [default: 15000]',
  },
};

export interface DumpArguments extends StoreArguments {
  readonly file: string | undefined;
  readonly outputDir: string | undefined;
  readonly perFile: number | undefined;
}

/** What the public dumps of SKS servers have. */
const DEFAULT_PER_FILE = 15_000;

/** Writes every certificate as it is held, by fingerprint: the same store gives the same octets. */
export async function run(given: DumpArguments, terminal: Terminal): Promise<ExitCode> {
  const args = { ...given, file: asWritten(given.file ?? '-') };
  checkUsage(given);
  const { address } = await namedStore(args);
  const { certificates, octets, files } = await onHeldKeystore(address, async (keystore) => {
    if (args.outputDir === undefined && args.file === '-') return dumpToStdout(keystore, terminal);
    const writer =
      args.outputDir === undefined
        ? await dumpFiles({ file: args.file })
        : await dumpFiles({ folder: args.outputDir, perFile: args.perFile ?? DEFAULT_PER_FILE });
    return dumpToFiles(keystore, writer, terminal);
  });
  if (args.json === true) await terminal.out(`${JSON.stringify({ certificates, octets, files })}\n`);
  else if (files.length > 0) {
    const where = files.length === 1 ? (files[0] ?? '') : plural(files.length, 'file');
    await terminal.out(`Wrote ${plural(certificates, 'certificate')}, ${octets} octets, to ${where}.\n`);
  }
  return EXIT.done;
}

function checkUsage({ file, outputDir, perFile, json }: DumpArguments): void {
  const usage = (message: string): CliError => new CliError('USAGE', message);
  if (file !== undefined && outputDir !== undefined) throw usage('name a file or --output-dir, not both');
  if (perFile !== undefined && outputDir === undefined) throw usage('--per-file needs --output-dir');
  if (perFile !== undefined && !(Number.isSafeInteger(perFile) && perFile > 0)) {
    throw usage('--per-file must be a whole number above 0');
  }
  if (json === true && outputDir === undefined && asWritten(file ?? '-') === '-') {
    throw usage('--json cannot go to stdout with the dump; name a file');
  }
}

interface Dumped {
  readonly certificates: number;
  readonly octets: number;
  readonly files: readonly string[];
}

async function dumpToStdout(keystore: Keystore, terminal: Terminal): Promise<Dumped> {
  let certificates = 0;
  let octets = 0;
  for await (const { bytes } of keystore.records()) {
    await terminal.out(bytes);
    certificates += 1;
    octets += bytes.length;
  }
  return { certificates, octets, files: [] };
}

async function dumpToFiles(keystore: Keystore, writer: DumpWriter, terminal: Terminal): Promise<Dumped> {
  const { certificates: total } = await keystore.status();
  const bar = progress(terminal, total, Date.now);
  let certificates = 0;
  let octets = 0;
  try {
    for await (const { bytes } of keystore.records()) {
      await writer.add(bytes);
      certificates += 1;
      octets += bytes.length;
      bar.update(certificates, plural(certificates, 'certificate'));
    }
    return { certificates, octets, files: await writer.finish() };
  } catch (error) {
    await writer.abandon();
    throw error;
  } finally {
    bar.end();
  }
}
