import { createSif } from '../../sif/create-image.ts';
import { codeOf } from '../../sif/disk.ts';
import { CliError } from '../error.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { Switch, TextFlag } from '../options.ts';
import { asWritten } from '../standard-stream.ts';
import type { Terminal } from '../terminal.ts';
import { CHANGE_FLAGS } from './change-flags.ts';
import type { ChangeArguments, ChangeFlags } from './change-flags.ts';
import { onFile } from './image-file.ts';

type NewFlags = ChangeFlags & { readonly force: Switch; readonly 'launch-script': TextFlag };

export const options: NewFlags = {
  ...CHANGE_FLAGS,
  deterministic: { type: 'boolean', describe: 'no times and no UUID: the same input gives the same octets' },
  force: { type: 'boolean', describe: 'write over a file that is there' },
  'launch-script': {
    type: 'string',
    requiresArg: true,
    describe: 'first line of the image, such as #!/bin/sh',
  },
};

export interface NewArguments extends ChangeArguments {
  readonly force: boolean | undefined;
  readonly launchScript: string | undefined;
}

/** Makes an image without objects. */
export async function run(args: NewArguments, terminal: Terminal): Promise<ExitCode> {
  const path = asWritten(args.image);
  const { launchScript } = args;
  const create = createSif(path, [], {
    now: Math.floor(Date.now() / 1000),
    deterministic: args.deterministic === true,
    replace: args.force === true,
    ...(launchScript === undefined ? {} : { launchScript: `${launchScript.replace(/\n$/, '')}\n` }),
  });
  await onFile(path, 'write', () =>
    create.catch((cause: unknown) => {
      if (codeOf(cause) !== 'EEXIST') throw cause;
      throw new CliError('UNWRITABLE_FILE', `${path} is there already; --force writes over it`, { cause });
    }),
  );
  if (args.json === true) await terminal.out(`${JSON.stringify({ image: path })}\n`);
  return EXIT.done;
}
