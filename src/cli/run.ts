/* The command line. Each command's file, and what it needs, is imported when the command is chosen. */
import type { Argv } from 'yargs';
import { CliError } from './error.ts';
import { choose } from './choose.ts';
import type { Run } from './choose.ts';
import { DAEMON_COMMANDS, daemonCommands } from './daemon-commands.ts';
import { imageCommands } from './image-commands.ts';
import { splitJsonForm } from './json-form.ts';
import { keepLoneDashes } from './standard-stream.ts';
import { keyCommands } from './key/commands.ts';
import { keystoreCommands } from './keystore/commands.ts';
import { logCommands } from './log/commands.ts';
import { policyCommands } from './policy/commands.ts';
import { sifCommands } from './sif/commands.ts';
import { processTerminal } from './terminal.ts';
import { usageError } from './usage-error.ts';
import { version } from './version.ts';

const COMMANDS: readonly string[] = ['serve', 'keystore', 'key', 'sign', 'verify', 'sif', ...DAEMON_COMMANDS];

/** Runs the command that `words` name and returns its exit code. Every error ends here. */
export async function run(words: readonly string[]): Promise<number> {
  const debug = words.includes('--debug') || Boolean(process.env['VOUCH_DEBUG']);
  const chosen = {
    command: 'vouch',
    form: `${COMMANDS.join('|')} …`,
    known: COMMANDS,
  };
  const state: Run = { terminal: processTerminal(), chosen, exitCode: 0 };
  try {
    // Not above: it is the one package that is for `import` only, and the program is built for `require`.
    const { default: yargs } = await import('yargs');
    const parser = yargs(keepLoneDashes(splitJsonForm(words)));
    await program(parser, words, state).parseAsync();
    return state.exitCode;
  } catch (error) {
    const { reportFailure } = await import('./report-failure.ts');
    // What the parser finds late, after a command was imported, does not come through its fail().
    const late = error instanceof Error && error.name === 'YError';
    const fault = late ? usageError(error.message, state.chosen, words) : error;
    return reportFailure(fault, state.terminal, debug);
  }
}

function program(parser: Argv, words: readonly string[], state: Run): Argv {
  return daemonCommands(imageCommands(parser, state), state)
    .scriptName('vouch')
    .usage(
      '$0 <command>\n\nSigns and verifies SIF images, keeps the keys of those who sign, and decides what may run.',
    )
    .parserConfiguration({ 'dot-notation': false })
    .option('debug', { type: 'boolean', global: true, describe: 'show where an error comes from' })
    .command(
      'serve',
      'run the keystore, an HKP key server',
      async (y) => {
        const { options: flags } = await import('./serve.ts');
        const form = '[--listen HOST:PORT] [--data DIR] [--store URL] [--config FILE]';
        return choose(y, state, { command: 'vouch serve', form, flags });
      },
      async (args) => {
        state.exitCode = await (await import('./serve.ts')).run(args, state.terminal);
      },
    )
    .command('keystore', 'look after the store, while the server does not run', (y) =>
      keystoreCommands(y, state),
    )
    .command('policy', 'write down who may sign what', (y) => policyCommands(y, state))
    .command('log', "read and check the daemon's decision log", (y) => logCommands(y, state))
    .command('sif', 'look into SIF images, and change them', (y) => sifCommands(y, state))
    .command(['key', 'keys'], 'make, fetch and publish keys', (y) => keyCommands(y, state))
    .demandCommand(1, 'name a command')
    .strict()
    .check((args) => givenOnce(args, state.lists ?? []))
    .version('version', 'show the version', `vouch ${version()}`)
    .help('help', 'show this')
    .alias('help', 'h')
    .wrap(Math.min(100, state.terminal.columns))
    .exitProcess(false)
    .fail((message: string | null, error: unknown) => {
      // No message: a command threw.
      throw message === null ? error : usageError(message, state.chosen, words);
    });
}

/** Words that may be lists: several files, images, keystores, groups, objects. */
const LISTS: ReadonlySet<string> = new Set([
  '_',
  'files',
  'images',
  'context',
  'url',
  'u',
  'group-id',
  'groupId',
  'g',
  'sif-id',
  'sifId',
  'i',
]);

/** A flag that is given twice says two things, and yargs would hand on a list of both. */
function givenOnce(args: Readonly<Record<string, unknown>>, lists: readonly string[]): true {
  const twice = Object.keys(args).find(
    (flag) => !LISTS.has(flag) && !lists.includes(flag) && Array.isArray(args[flag]),
  );
  if (twice !== undefined) throw new CliError('USAGE', `--${twice} is given twice`);
  return true;
}
