/* The daemon of this host, commands that ask it, and that which looks the host over. */
import type { Argv } from 'yargs';
import { choose } from './choose.ts';
import { CliError } from './error.ts';
import type { Run } from './choose.ts';

/** Names of the commands that are added here. */
export const DAEMON_COMMANDS: readonly string[] = [
  'daemon',
  'admit',
  'explain',
  'status',
  'reload',
  'refresh',
  'affected',
  'promote',
  'doctor',
];

export function daemonCommands(y: Argv, state: Run): Argv {
  const commands = [
    withDaemon,
    withAdmit,
    withExplain,
    withStatus,
    withReload,
    withRefresh,
    withAffected,
    withPromote,
    withDoctor,
  ];
  return commands.reduce((all, one) => one(all, state), y);
}

function withDaemon(y: Argv, state: Run): Argv {
  return y.command(
    'daemon',
    'run the trust daemon, which decides what images run on this host',
    async (command) => {
      const { options: flags, form } = await import('./daemon.ts');
      return choose(command, state, { command: 'vouch daemon', form, flags });
    },
    async (args) => {
      state.exitCode = await (await import('./daemon.ts')).run(args, state.terminal);
    },
  );
}

function withAdmit(y: Argv, state: Run): Argv {
  return y.command(
    'admit <images..>',
    'ask the daemon whether images may run here',
    async (command) => {
      const { options: flags, form } = await import('./admit.ts');
      return choose(command, state, { command: 'vouch admit', form, flags }).positional('images', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'SIF images; all have to be admitted',
      });
    },
    async (args) => {
      state.exitCode = await (await import('./admit.ts')).run(args, state.terminal);
    },
  );
}

function withExplain(y: Argv, state: Run): Argv {
  return y.command(
    'explain <image>',
    'tell why the daemon admits an image or not',
    async (command) => {
      const { options: flags, form } = await import('./explain.ts');
      const chosen = choose(command, state, { command: 'vouch explain', form, flags });
      return withImage(chosen);
    },
    async (args) => {
      state.exitCode = await (await import('./explain.ts')).run(args, state.terminal);
    },
  );
}

function withStatus(y: Argv, state: Run): Argv {
  return y.command(
    'status',
    'show how the daemon is',
    async (command) => {
      const { options: flags, form } = await import('./status.ts');
      return choose(command, state, { command: 'vouch status', form, flags });
    },
    async (args) => {
      state.exitCode = await (await import('./status.ts')).run(args, state.terminal);
    },
  );
}

function withReload(y: Argv, state: Run): Argv {
  return y.command(
    'reload',
    'make the daemon read its policy anew',
    async (command) => {
      const { options: flags, form } = await import('./reload.ts');
      return choose(command, state, { command: 'vouch reload', form, flags });
    },
    async (args) => {
      state.exitCode = await (await import('./reload.ts')).run(args, state.terminal);
    },
  );
}

function withRefresh(y: Argv, state: Run): Argv {
  return y.command(
    'refresh [fingerprint]',
    'make the daemon ask its keystores what is new',
    async (command) => {
      const { options: flags, form } = await import('./refresh.ts');
      return choose(command, state, { command: 'vouch refresh', form, flags }).positional('fingerprint', {
        type: 'string',
        describe: 'only this key; else all of the policy',
      });
    },
    async (args) => {
      state.exitCode = await (await import('./refresh.ts')).run(args, state.terminal);
    },
  );
}

function withAffected(y: Argv, state: Run): Argv {
  return y.command(
    'affected [image]',
    'list what was admitted here by a key, or with certain bytes',
    async (command) => {
      const { options: flags, form } = await import('./affected.ts');
      return choose(command, state, { command: 'vouch affected', form, flags }).positional('image', {
        type: 'string',
        describe: 'SIF image: everywhere that these bytes were admitted',
      });
    },
    async (args) => {
      state.exitCode = await (await import('./affected.ts')).run(args, state.terminal);
    },
  );
}

function withPromote(y: Argv, state: Run): Argv {
  return y.command(
    'promote <image>',
    "copy an admitted image into the daemon's store, where nobody can change it",
    async (command) => {
      const { options: flags, form } = await import('./promote.ts');
      return withImage(choose(command, state, { command: 'vouch promote', form, flags }));
    },
    async (args) => {
      state.exitCode = await (await import('./promote.ts')).run(args, state.terminal);
    },
  );
}

function withDoctor(y: Argv, state: Run): Argv {
  return y.command(
    'doctor',
    'say what is wrong with this host, or with a keystore as its clients see it',
    async (command) => {
      const { options: ofHost } = await import('./doctor.ts');
      const { options: ofServer } = await import('./doctor-server.ts');
      const form = '[--config FILE] [--json] | --server URL [--token-file FILE] [--search TEXT] [--json]';
      return choose(command, state, { command: 'vouch doctor', form, flags: { ...ofHost, ...ofServer } });
    },
    async (args) => {
      const { server, config } = args;
      if (server === undefined) {
        const stray = (['token-file', 'search'] as const).find((flag) => args[flag] !== undefined);
        if (stray !== undefined) throw new CliError('USAGE', `--${stray} goes with --server`);
        state.exitCode = await (await import('./doctor.ts')).run(args, state.terminal);
        return;
      }
      if (config !== undefined)
        throw new CliError('USAGE', '--config is about this host; leave it out with --server');
      state.exitCode = await (await import('./doctor-server.ts')).run({ ...args, server }, state.terminal);
    },
  );
}

function withImage<T>(y: Argv<T>): Argv<T & { image: string }> {
  return y.positional('image', { type: 'string', demandOption: true, describe: 'SIF image' });
}
