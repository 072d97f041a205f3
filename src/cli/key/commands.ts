import type { Argv } from 'yargs';
import { choose } from '../choose.ts';
import type { Run } from '../choose.ts';

/** `vouch key …`, or `vouch keys …` as in Singularity 3.0. */
export function keyCommands(y: Argv, state: Run): Argv {
  const known = ['newpair', 'list', 'search', 'pull', 'push', 'import', 'export', 'remove'];
  state.chosen = { command: 'vouch key', form: `${known.join('|')} …`, known };
  const commands = [
    withNewpair,
    withList,
    withSearch,
    withPull,
    withPush,
    withImport,
    withExport,
    withRemove,
  ];
  return commands.reduce((all, one) => one(all, state), y).demandCommand(1, 'name a command');
}

const PLACE = '[--global | --keysdir DIR]';

function withNewpair(y: Argv, state: Run): Argv {
  return y.command(
    'newpair',
    'make a key for signing images',
    async (yy) => {
      const { options: flags } = await import('./newpair.ts');
      const form = '[--name NAME] [--email ADDRESS] [--comment TEXT] [--password-file FILE|-] [--push] …';
      return choose(yy, state, { command: 'vouch key newpair', form, flags });
    },
    async (args) => {
      state.exitCode = await (await import('./newpair.ts')).run(args, state.terminal);
    },
  );
}

function withList(y: Argv, state: Run): Argv {
  return y.command(
    'list',
    'show the keys of your keyrings',
    async (yy) => {
      const { options: flags } = await import('./list.ts');
      const form = `[--secret] [--json] ${PLACE}`;
      return choose(yy, state, { command: 'vouch key list', form, flags });
    },
    async (args) => {
      state.exitCode = await (await import('./list.ts')).run(args, state.terminal);
    },
  );
}

function withSearch(y: Argv, state: Run): Argv {
  return y.command(
    'search <text>',
    'search a keystore for keys',
    async (yy) => {
      const { options: flags } = await import('./search.ts');
      const form = 'TEXT [--url URL] [--long-list] [--json]';
      const describe = 'name, e-mail address, fingerprint or key ID';
      return choose(yy, state, { command: 'vouch key search', form, flags }).positional('text', {
        type: 'string',
        demandOption: true,
        describe,
      });
    },
    async (args) => {
      state.exitCode = await (await import('./search.ts')).run(args, state.terminal);
    },
  );
}

function withPull(y: Argv, state: Run): Argv {
  return y.command(
    'pull <fingerprint>',
    'take a public key from a keystore, or what is new about it',
    async (yy) => {
      const { options: flags } = await import('./pull.ts');
      const form = `FINGERPRINT [--url URL] ${PLACE}`;
      return withKeyName(choose(yy, state, { command: 'vouch key pull', form, flags }));
    },
    async (args) => {
      state.exitCode = await (await import('./pull.ts')).run(args, state.terminal);
    },
  );
}

function withPush(y: Argv, state: Run): Argv {
  return y.command(
    'push <fingerprint>',
    'publish a public key of yours at a keystore',
    async (yy) => {
      const { options: flags } = await import('./push.ts');
      const form = `FINGERPRINT [--url URL] ${PLACE}`;
      return withKeyName(choose(yy, state, { command: 'vouch key push', form, flags }));
    },
    async (args) => {
      state.exitCode = await (await import('./push.ts')).run(args, state.terminal);
    },
  );
}

function withImport(y: Argv, state: Run): Argv {
  return y.command(
    'import <file>',
    'put keys from a file into your keyrings',
    async (yy) => {
      const { options: flags } = await import('./import.ts');
      const form = `FILE|- [--new-password] [--password-file FILE] ${PLACE}`;
      const describe = 'keys, public or secret, armored or not; - is standard input';
      return choose(yy, state, { command: 'vouch key import', form, flags }).positional('file', {
        type: 'string',
        demandOption: true,
        describe,
      });
    },
    async (args) => {
      state.exitCode = await (await import('./import.ts')).run(args, state.terminal);
    },
  );
}

function withExport(y: Argv, state: Run): Argv {
  return y.command(
    'export <file>',
    'write a key to a file',
    async (yy) => {
      const { options: flags } = await import('./export.ts');
      const form = `FILE|- [--fingerprint FINGERPRINT] [--secret] [--armor] ${PLACE}`;
      return choose(yy, state, { command: 'vouch key export', form, flags }).positional('file', {
        type: 'string',
        demandOption: true,
        describe: 'file to write; - is standard output',
      });
    },
    async (args) => {
      state.exitCode = await (await import('./export.ts')).run(args, state.terminal);
    },
  );
}

function withRemove(y: Argv, state: Run): Argv {
  return y.command(
    'remove <fingerprint>',
    'take a key out of your keyrings',
    async (yy) => {
      const { options: flags } = await import('./remove.ts');
      const form = `FINGERPRINT [--public | --secret | --both] ${PLACE}`;
      return withKeyName(choose(yy, state, { command: 'vouch key remove', form, flags }));
    },
    async (args) => {
      state.exitCode = await (await import('./remove.ts')).run(args, state.terminal);
    },
  );
}

/** A fingerprint is text: as a number, one of digits only would lose most of them. */
function withKeyName<T>(y: Argv<T>): Argv<T & { fingerprint: string }> {
  return y.positional('fingerprint', {
    type: 'string',
    demandOption: true,
    describe: 'fingerprint (40 or 64 digits) or key ID (16 or 8)',
  });
}
