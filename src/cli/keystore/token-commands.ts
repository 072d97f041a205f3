import type { Argv } from 'yargs';
import { choose } from '../choose.ts';
import type { Run } from '../choose.ts';

const STORE_FORM = '[--data DIR | --store URL] [--config FILE] [--json]';

/** `vouch keystore token …` */
export function tokenCommands(y: Argv, state: Run): Argv {
  const known = ['add', 'list', 'revoke'];
  state.chosen = { command: 'vouch keystore token', form: 'add|list|revoke …', known };
  return [withAdd, withList, withRevoke]
    .reduce((all, one) => one(all, state), y)
    .demandCommand(1, 'name a command');
}

function withAdd(y: Argv, state: Run): Argv {
  return y.command(
    'add <name>',
    'make a token and show it, this once',
    async (yy) => {
      const { addOptions: flags } = await import('./token.ts');
      const form = `NAME [--role push|admin] [--expires 90d] [--fingerprint F] [--email E] [--domain D] ${STORE_FORM}`;
      return choose(yy, state, { command: 'vouch keystore token add', form, flags }).positional('name', {
        type: 'string',
        demandOption: true,
        describe: 'whose it is, for the list and the log: a person, a host, a job',
      });
    },
    async (args) => {
      state.exitCode = await (await import('./token.ts')).add(args, state.terminal);
    },
  );
}

function withList(y: Argv, state: Run): Argv {
  return y.command(
    'list',
    'the tokens that were made, their ends and their last use',
    async (yy) => {
      const { options: flags } = await import('./token.ts');
      return choose(yy, state, { command: 'vouch keystore token list', form: STORE_FORM, flags });
    },
    async (args) => {
      state.exitCode = await (await import('./token.ts')).showAll(args, state.terminal);
    },
  );
}

function withRevoke(y: Argv, state: Run): Argv {
  return y.command(
    'revoke <id>',
    'end a token for good',
    async (yy) => {
      const { options: flags } = await import('./token.ts');
      const form = `ID ${STORE_FORM}`;
      return choose(yy, state, { command: 'vouch keystore token revoke', form, flags }).positional('id', {
        type: 'string',
        demandOption: true,
        describe: 'ID from the list, or the whole token',
      });
    },
    async (args) => {
      state.exitCode = await (await import('./token.ts')).revoke(args, state.terminal);
    },
  );
}
