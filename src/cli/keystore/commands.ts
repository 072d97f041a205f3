import type { Argv } from 'yargs';
import { choose } from '../choose.ts';
import type { Run } from '../choose.ts';
import { OPERATOR_WORDS, operatorCommands } from './operator-commands.ts';
import { tokenCommands } from './token-commands.ts';

const STORE_FORM = '[--data DIR | --store URL] [--config FILE] [--json]';

/** `vouch keystore …` */
export function keystoreCommands(y: Argv, state: Run): Argv {
  const known = ['status', 'check', 'dump', 'load', ...OPERATOR_WORDS, 'token'];
  state.chosen = { command: 'vouch keystore', form: `${known.join('|')} …`, known };
  return operatorCommands(withTransfer(withCare(y, state), state), state)
    .command('token', 'who may push', (yy) => tokenCommands(yy, state))
    .demandCommand(1, 'name a command');
}

function withCare(keystore: Argv, state: Run): Argv {
  return keystore
    .command(
      'status',
      'how much is held, what jobs came to, what limits turned away',
      async (y) => {
        const { options: flags } = await import('./status.ts');
        return choose(y, state, { command: 'vouch keystore status', form: STORE_FORM, flags });
      },
      async (args) => {
        state.exitCode = await (await import('./status.ts')).run(args, state.terminal);
      },
    )
    .command(
      'check',
      'look for damage, and repair what can be',
      async (y) => {
        const { options: flags } = await import('./check.ts');
        return choose(y, state, { command: 'vouch keystore check', form: `[--repair] ${STORE_FORM}`, flags });
      },
      async (args) => {
        state.exitCode = await (await import('./check.ts')).run(args, state.terminal);
      },
    );
}

function withTransfer(keystore: Argv, state: Run): Argv {
  return keystore
    .command(
      'dump [file]',
      'write all certificates as one binary keyring, or as several',
      async (y) => {
        const { options: flags } = await import('./dump.ts');
        const form = `[FILE|- | --output-dir DIR [--per-file N]] ${STORE_FORM}`;
        return choose(y, state, { command: 'vouch keystore dump', form, flags }).positional('file', {
          type: 'string',
          describe: 'file to write; - is standard output, and the default',
        });
      },
      async (args) => {
        state.exitCode = await (await import('./dump.ts')).run(args, state.terminal);
      },
    )
    .command(
      'load <files..>',
      'check and store the certificates of keyrings: dumps of any key server, armored or not',
      async (y) => {
        const { options: flags } = await import('./load.ts');
        const form = `FILE|DIR|- … [--restart] [--trusted] [--refused FILE] ${STORE_FORM}`;
        return choose(y, state, { command: 'vouch keystore load', form, flags }).positional('files', {
          type: 'string',
          array: true,
          demandOption: true,
          describe: 'keyrings, or folders of *.pgp, *.gpg, *.asc and *.key; - is standard input',
        });
      },
      async (args) => {
        state.exitCode = await (await import('./load.ts')).run(args, state.terminal);
      },
    );
}
