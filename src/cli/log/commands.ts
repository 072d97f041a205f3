import type { Argv } from 'yargs';
import { choose } from '../choose.ts';
import type { Run } from '../choose.ts';

/** `vouch log …` */
export function logCommands(y: Argv, state: Run): Argv {
  const known = ['tail', 'query', 'verify', 'export'];
  state.chosen = { command: 'vouch log', form: 'tail|query|verify|export …', known };
  return withCare(withReading(y, state), state).demandCommand(1, 'name a command');
}

function withReading(log: Argv, state: Run): Argv {
  return log
    .command(
      'tail',
      'show the newest lines, and follow them',
      async (y) => {
        const { options: flags, form } = await import('./tail.ts');
        return choose(y, state, { command: 'vouch log tail', form, flags });
      },
      async (args) => {
        state.exitCode = await (await import('./tail.ts')).run(args, state.terminal);
      },
    )
    .command(
      'query',
      'show decisions by time, user, verdict, reason, file, key or digest',
      async (y) => {
        const { options: flags, form } = await import('./query.ts');
        return choose(y, state, { command: 'vouch log query', form, flags });
      },
      async (args) => {
        state.exitCode = await (await import('./query.ts')).run(args, state.terminal);
      },
    );
}

function withCare(log: Argv, state: Run): Argv {
  return log
    .command(
      'verify',
      'check that no line was changed, added or removed',
      async (y) => {
        const { options: flags, form } = await import('./verify.ts');
        return choose(y, state, { command: 'vouch log verify', form, flags });
      },
      async (args) => {
        state.exitCode = await (await import('./verify.ts')).run(args, state.terminal);
      },
    )
    .command(
      'export',
      'write decisions as SLSA verification summaries or OCSF events',
      async (y) => {
        const { options: flags, form } = await import('./export.ts');
        return choose(y, state, { command: 'vouch log export', form, flags });
      },
      async (args) => {
        state.exitCode = await (await import('./export.ts')).run(args, state.terminal);
      },
    );
}
