/* `vouch sign` and `vouch verify`, with the flags that Singularity has for them. */
import type { Argv } from 'yargs';
import { choose } from './choose.ts';
import type { Run } from './choose.ts';

export function imageCommands(y: Argv, state: Run): Argv {
  return withVerify(withSign(y, state), state);
}

function withSign(y: Argv, state: Run): Argv {
  return y.command(
    'sign <image>',
    'sign a SIF image with a key of this host',
    async (command) => {
      const { options: flags, form } = await import('./sign.ts');
      return choose(command, state, { command: 'vouch sign', form, flags }).positional('image', {
        type: 'string',
        demandOption: true,
        describe: 'SIF image, to which the signature is added',
      });
    },
    async (args) => {
      state.exitCode = await (await import('./sign.ts')).run(args, state.terminal);
    },
  );
}

function withVerify(y: Argv, state: Run): Argv {
  return y.command(
    'verify <image>',
    'verify the signatures of a SIF image, and say whose they are',
    async (command) => {
      const { options: flags, form } = await import('./verify.ts');
      return choose(command, state, { command: 'vouch verify', form, flags }).positional('image', {
        type: 'string',
        demandOption: true,
        describe: 'SIF image',
      });
    },
    async (args) => {
      state.exitCode = await (await import('./verify.ts')).run(args, state.terminal);
    },
  );
}
