import { deleteObject } from '../../sif/change-image.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { Switch } from '../options.ts';
import { asWritten } from '../standard-stream.ts';
import type { Terminal } from '../terminal.ts';
import { CHANGE_FLAGS, changeTime } from './change-flags.ts';
import type { ChangeArguments, ChangeFlags } from './change-flags.ts';
import { objectId, onFile } from './image-file.ts';

type DelFlags = ChangeFlags & { readonly zero: Switch; readonly compact: Switch };

export const options: DelFlags = {
  ...CHANGE_FLAGS,
  zero: { type: 'boolean', describe: 'overwrite the content with zeros' },
  compact: { type: 'boolean', describe: 'cut off what is behind the last object that stays' },
};

export interface DelArguments extends ChangeArguments {
  readonly id: string;
  readonly zero: boolean | undefined;
  readonly compact: boolean | undefined;
}

/** Deletes a data object. */
export async function run(args: DelArguments, terminal: Terminal): Promise<ExitCode> {
  const path = asWritten(args.image);
  const id = objectId(args.id);
  const { zero = false, compact = false } = args;
  await onFile(path, 'write', () => deleteObject(path, id, { ...changeTime(args), zero, compact }));
  if (args.json === true) await terminal.out(`${JSON.stringify({ image: path, deleted: id })}\n`);
  return EXIT.done;
}
