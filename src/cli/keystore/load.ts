import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { findDumpFiles } from '../dump/dump-file.ts';
import type { DumpFile } from '../dump/dump-file.ts';
import { examineThreads } from '../dump/examine-threads.ts';
import { LateRevocations } from '../dump/late-revocations.ts';
import { NOTE_INTERVAL, PIECES_PER_NOTE } from '../dump/limits.ts';
import { acceptedCount, LoadTally, refusedCount } from '../dump/load-counts.ts';
import { loadDumps } from '../dump/load-dumps.ts';
import { loadStateFile } from '../dump/load-state.ts';
import type { LoadPlace, LoadState, LoadStateFile } from '../dump/load-state.ts';
import { refusalLog } from '../dump/refusal-log.ts';
import type { RefusalLog } from '../dump/refusal-log.ts';
import type { Submit } from '../../hkp/submission.ts';
import { configuredSubmit } from '../../server/keystore-parts.ts';
import { optimizeLate } from '../../service/late-optimization.ts';
import { stopSignal } from '../../service/stop-signal.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { STORE_OPTIONS } from '../options.ts';
import type { StoreArguments, StoreOptions, Switch, TextFlag } from '../options.ts';
import { asWritten } from '../standard-stream.ts';
import { progress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import { loadReport } from './load-report.ts';
import { putInOrder } from './put-in-order.ts';
import { namedStore, onMadeStore } from './store.ts';

type LoadOptions = StoreOptions & {
  readonly restart: Switch;
  readonly refused: TextFlag;
  readonly trusted: Switch;
};

/** What the threads run. */
const PROGRAM: URL = new URL('../dump/examine-worker.js', import.meta.url);

export const options: LoadOptions = {
  ...STORE_OPTIONS,
  restart: { type: 'boolean', describe: 'begin at the beginning, also when an earlier load was interrupted' },
  refused: { type: 'string', requiresArg: true, describe: 'file to write a JSON line to for each refusal' },
  trusted: {
    type: 'boolean',
    describe:
      'VERIFY NO SIGNATURES: only for what your own "vouch keystore dump" wrote, never for a download',
  },
};

export interface LoadArguments extends StoreArguments {
  readonly files: readonly string[];
  readonly restart: boolean | undefined;
  readonly refused: string | undefined;
  readonly trusted?: boolean | undefined;
}

/** What `run` hands to the part that works on the open store. */
interface Load {
  readonly files: readonly DumpFile[];
  readonly state: LoadStateFile | undefined;
  readonly resumed: LoadState | undefined;
  readonly refusals: RefusalLog | undefined;
  readonly tally: LoadTally;
  readonly terminal: Terminal;
}

export async function run(args: LoadArguments, terminal: Terminal): Promise<ExitCode> {
  const { config, address } = await namedStore(args);
  const files = await findDumpFiles(args.files.map(asWritten));
  const { limits, thirdParty } = config;
  const trusted = args.trusted === true;
  optimizeLate();
  // They start while the store is opened.
  const threads = examineThreads(PROGRAM, threadCount(trusted), { limits, thirdParty, trusted });
  try {
    return await onMadeStore(address, async (store) => {
      if (trusted) terminal.err(WARNING);
      const load = await beginLoad(args, { files, dataFolder: config.data, terminal });
      let complete: boolean;
      try {
        complete = await perform(load, configuredSubmit(store.keystore, config, threads.examine));
      } finally {
        load.refusals?.close();
      }
      const { counts } = load.tally;
      if (complete) await putInOrder(store, counts, terminal);
      await terminal.out(
        loadReport(counts, { files: files.length, complete, json: args.json === true, trusted }),
      );
      if (!complete) return EXIT.interrupted;
      return acceptedCount(counts) === 0 && refusedCount(counts) > 0 ? EXIT.badInput : EXIT.done;
    });
  } finally {
    await threads.close();
  }
}

const WARNING =
  'vouch: --trusted: NO SIGNATURE IS VERIFIED. Whoever wrote these files decides what this server gives out:\n' +
  'vouch: load like this what "vouch keystore dump" of a keystore that you trust wrote, and nothing else.\n';

/** Without verifying, storing is as much work as examining, and has a processor of its own. */
function threadCount(trusted: boolean): number {
  return Math.max(1, availableParallelism() - (trusted ? 1 : 0));
}

/** From the beginning, or from where an interrupted load of the same files stopped. */
async function beginLoad(
  { restart, refused }: LoadArguments,
  place: { files: readonly DumpFile[]; dataFolder: string; terminal: Terminal },
): Promise<Load> {
  const { files, dataFolder, terminal } = place;
  // A pipe cannot be entered in the middle.
  const pipe = files.some(({ path }) => path === '-');
  const state = pipe ? undefined : loadStateFile(join(dataFolder, 'load.json'), files);
  const resumed = restart === true ? undefined : await state?.read();
  if (resumed !== undefined) terminal.err(resuming(files, resumed));
  const refusals = refused === undefined ? undefined : refusalLog(refused, resumed?.refusedOctets ?? 0);
  return { files, state, resumed, refusals, tally: new LoadTally(resumed?.counts), terminal };
}

function resuming(files: readonly DumpFile[], { place }: LoadState): string {
  const { path = '' } = files[place.file] ?? {};
  return `vouch: going on with an interrupted load at ${path}, octet ${place.offset}; --restart begins anew\n`;
}

/** Loads, and notes every second how far it is. Returns whether it came to the end. */
async function perform(load: Load, submit: Submit): Promise<boolean> {
  const { files, state, resumed, refusals, tally, terminal } = load;
  const begin: LoadPlace = resumed?.place ?? { file: 0, offset: 0 };
  const stop = stopSignal(process, (exitCode) => process.exit(exitCode));
  let stopped = false;
  void stop.received.then(() => {
    stopped = true;
  });
  const late = new LateRevocations(resumed?.late);
  let place = begin;
  let noted = Date.now();
  let pieces = 0;
  const note = async (): Promise<void> => {
    noted = Date.now();
    pieces = 0;
    await state?.write({
      place,
      counts: tally.counts,
      refusedOctets: refusals?.octets ?? 0,
      late: late.places,
    });
  };
  const watch = watchProgress(load);
  try {
    const complete = await loadDumps({
      files,
      begin,
      submit,
      late,
      stopped: () => stopped,
      onRead: watch.read,
      onOutcome: async (outcome, piece) => {
        tally.add(outcome);
        for (const one of outcome.refused)
          refusals?.add(one, { file: piece.file.path, offset: piece.offset });
        place = piece.place;
        pieces += 1;
        if (pieces >= PIECES_PER_NOTE || Date.now() - noted >= NOTE_INTERVAL) await note();
      },
    });
    if (complete) await state?.remove();
    else await note();
    return complete;
  } catch (error) {
    await note();
    if (state !== undefined) terminal.err('vouch: the load stopped; the same command goes on where it was\n');
    throw error;
  } finally {
    watch.end();
    stop.release();
  }
}

function watchProgress({ files, tally, terminal }: Load): {
  read: (file: number, octets: number) => void;
  end: () => void;
} {
  const total = files.some(({ path }) => path === '-')
    ? undefined
    : files.reduce((sum, { size }) => sum + size, 0);
  const bar = progress(terminal, total, Date.now);
  return {
    read: (file, octets) => {
      const before = files.slice(0, file).reduce((sum, { size }) => sum + size, 0);
      const { counts } = tally;
      bar.update(before + octets, `${acceptedCount(counts)} loaded, ${refusedCount(counts)} refused`);
    },
    end: () => bar.end(),
  };
}
