import type { Argv } from 'yargs';
import { choose } from '../choose.ts';
import type { Run } from '../choose.ts';

/** `vouch sif …`, with siftool's words. */
export function sifCommands(y: Argv, state: Run): Argv {
  const known = ['list', 'header', 'dump', 'new', 'add', 'del', 'setprim'];
  state.chosen = { command: 'vouch sif', form: `${known.join('|')} …`, known };
  return withChanges(withMaking(withReading(y, state), state), state).demandCommand(1, 'name a command');
}

const IMAGE = { type: 'string', demandOption: true, describe: 'a SIF image' } as const;
// Text: yargs would take "0x10" and "1e3" for numbers too.
const ID = { type: 'string', demandOption: true, describe: 'ID of a data object' } as const;

function withReading(sif: Argv, state: Run): Argv {
  return sif
    .command(
      'list <image>',
      'list the data objects',
      async (y) => {
        const { options: flags } = await import('./list.ts');
        const chosen = choose(y, state, { command: 'vouch sif list', form: 'IMAGE [--json]', flags });
        return chosen.positional('image', IMAGE);
      },
      async (args) => {
        state.exitCode = await (await import('./list.ts')).run(args, state.terminal);
      },
    )
    .command(
      'header <image>',
      'show the global header',
      async (y) => {
        const { options: flags } = await import('./header.ts');
        const chosen = choose(y, state, { command: 'vouch sif header', form: 'IMAGE [--json]', flags });
        return chosen.positional('image', IMAGE);
      },
      async (args) => {
        state.exitCode = await (await import('./header.ts')).run(args, state.terminal);
      },
    )
    .command(
      'dump <id> <image>',
      'write the content of a data object to standard output',
      (y) => {
        const chosen = choose(y, state, { command: 'vouch sif dump', form: 'ID IMAGE', flags: {} });
        return chosen.positional('id', ID).positional('image', IMAGE);
      },
      async (args) => {
        state.exitCode = await (await import('./dump.ts')).run(args, state.terminal);
      },
    );
}

function withMaking(sif: Argv, state: Run): Argv {
  return sif
    .command(
      'new <image>',
      'make an image without data objects',
      async (y) => {
        const { options: flags } = await import('./new.ts');
        const form = 'IMAGE [--force] [--deterministic] [--launch-script TEXT] [--json]';
        const chosen = choose(y, state, { command: 'vouch sif new', form, flags });
        return chosen.positional('image', { ...IMAGE, describe: 'the image to make' });
      },
      async (args) => {
        state.exitCode = await (await import('./new.ts')).run(args, state.terminal);
      },
    )
    .command(
      'add <image> <object>',
      'add a data object',
      async (y) => {
        const { options: flags } = await import('./add.ts');
        const form = 'IMAGE FILE|- --datatype N [--groupid N] [--link ID] [--filename NAME] …';
        const chosen = choose(y, state, { command: 'vouch sif add', form, flags });
        return chosen.positional('image', IMAGE).positional('object', {
          type: 'string',
          demandOption: true,
          describe: 'file with the content; - is standard input',
        });
      },
      async (args) => {
        state.exitCode = await (await import('./add.ts')).run(args, state.terminal);
      },
    );
}

function withChanges(sif: Argv, state: Run): Argv {
  return sif
    .command(
      'del <id> <image>',
      'delete a data object',
      async (y) => {
        const { options: flags } = await import('./del.ts');
        const form = 'ID IMAGE [--zero] [--compact] [--deterministic] [--json]';
        const chosen = choose(y, state, { command: 'vouch sif del', form, flags });
        return chosen.positional('id', ID).positional('image', IMAGE);
      },
      async (args) => {
        state.exitCode = await (await import('./del.ts')).run(args, state.terminal);
      },
    )
    .command(
      'setprim <id> <image>',
      'make a system partition the primary one',
      async (y) => {
        const { options: flags } = await import('./setprim.ts');
        const form = 'ID IMAGE [--deterministic] [--json]';
        const chosen = choose(y, state, { command: 'vouch sif setprim', form, flags });
        return chosen.positional('id', ID).positional('image', IMAGE);
      },
      async (args) => {
        state.exitCode = await (await import('./setprim.ts')).run(args, state.terminal);
      },
    );
}
