import { FileSource } from '../../bytes/file-source.ts';
import { stopSignal } from '../../service/stop-signal.ts';
import { addObjects } from '../../sif/change-image.ts';
import { CliError } from '../error.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { progress } from '../progress.ts';
import { asWritten } from '../standard-stream.ts';
import type { Terminal } from '../terminal.ts';
import { CHANGE_FLAGS, changeTime } from './change-flags.ts';
import type { ChangeArguments, ChangeFlags } from './change-flags.ts';
import { describeObject } from './describe-object.ts';
import { onFile } from './image-file.ts';
import { OBJECT_FLAGS, objectFrom } from './object-flags.ts';
import type { ObjectArguments, ObjectFlags } from './object-flags.ts';

export const options: ChangeFlags & ObjectFlags = { ...OBJECT_FLAGS, ...CHANGE_FLAGS };

export interface AddArguments extends ChangeArguments, ObjectArguments {
  readonly object: string;
}

/** Adds a data object from a file or standard input. */
export async function run(args: AddArguments, terminal: Terminal): Promise<ExitCode> {
  const path = asWritten(args.image);
  const input = objectFrom(args);
  const content = await openContent(asWritten(args.object));
  try {
    const pieces = watched(content, terminal);
    const [added] = await onFile(path, 'write', () =>
      addObjects(path, async () => [{ ...input, content: pieces }], changeTime(args)),
    );
    if (args.json === true && added !== undefined) {
      await terminal.out(`${JSON.stringify({ image: path, added: describeObject(added) })}\n`);
    }
  } finally {
    await content.close();
  }
  return EXIT.done;
}

interface Content {
  /** Octets; undefined when they are known only at the end. */
  readonly size: number | undefined;
  readonly pieces: AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

/** A regular file, or standard input. */
async function openContent(path: string): Promise<Content> {
  const pipe: Content = {
    size: undefined,
    pieces: process.stdin,
    close: async () => void process.stdin.destroy(),
  };
  if (path === '-' || path === '/dev/stdin') return pipe;
  return onFile(path, 'read', async () => {
    const source = await FileSource.open(path);
    return { size: source.size, pieces: source.stream(0, source.size), close: () => source.close() };
  });
}

/** The pieces, with a bar; a signal to stop breaks them off, so that the change is undone. */
async function* watched({ size, pieces }: Content, terminal: Terminal): AsyncIterable<Uint8Array> {
  const bar = progress(terminal, size, Date.now);
  const stop = stopSignal(process, (exitCode) => process.exit(exitCode));
  const iterator = pieces[Symbol.asyncIterator]();
  let done = 0;
  try {
    for (;;) {
      // A pipe may give nothing for long.
      const next = await Promise.race([iterator.next(), stop.received]);
      if (typeof next === 'string') throw new CliError('INTERRUPTED', 'stopped; the image is as it was');
      if (next.done === true) return;
      yield next.value;
      done += next.value.length;
      bar.update(done, `${Math.floor(done / 2 ** 20)} MiB`);
    }
  } finally {
    stop.release();
    bar.end();
  }
}
