import { setPrimaryPartition } from '../../sif/change-image.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { asWritten } from '../standard-stream.ts';
import type { Terminal } from '../terminal.ts';
import { CHANGE_FLAGS, changeTime } from './change-flags.ts';
import type { ChangeArguments, ChangeFlags } from './change-flags.ts';
import { objectId, onFile } from './image-file.ts';

export const options: ChangeFlags = CHANGE_FLAGS;

/** Makes a system partition the primary one. */
export async function run(
  args: ChangeArguments & { readonly id: string },
  terminal: Terminal,
): Promise<ExitCode> {
  const path = asWritten(args.image);
  const id = objectId(args.id);
  const changed = await onFile(path, 'write', () => setPrimaryPartition(path, id, changeTime(args)));
  if (args.json === true) await terminal.out(`${JSON.stringify({ image: path, primary: id, changed })}\n`);
  return EXIT.done;
}
