import type { Argv } from 'yargs';
import { choose } from '../choose.ts';
import type { Run } from '../choose.ts';

const STORE_FORM = '[--data DIR | --store URL] [--config FILE] [--json]';

/** Words of `vouch keystore` for operators; they reach a running server as well. */
export const OPERATOR_WORDS: readonly string[] = [
  'block',
  'unblock',
  'remove',
  'blocked',
  'backup',
  'restore',
  'copy',
  'jobs',
  'reload',
];

export function operatorCommands(keystore: Argv, state: Run): Argv {
  return withUpkeep(withBlocked(withUnblock(withRemoval(keystore, state), state), state), state);
}

function withRemoval(keystore: Argv, state: Run): Argv {
  return keystore
    .command(
      'block <fingerprint>',
      'stop a key for good: take out what is held, and take nothing with it any more',
      async (y) => {
        const { reasonOptions: flags } = await import('./removal.ts');
        const form = `FINGERPRINT [--reason TEXT] ${STORE_FORM}`;
        return fingerprintOf(choose(y, state, { command: 'vouch keystore block', form, flags }));
      },
      async (args) => {
        state.exitCode = await (await import('./removal.ts')).block(args, state.terminal);
      },
    )
    .command(
      'remove <fingerprint>',
      'the same for a key that is held; tells when it is not',
      async (y) => {
        const { reasonOptions: flags } = await import('./removal.ts');
        const form = `FINGERPRINT [--reason TEXT] ${STORE_FORM}`;
        return fingerprintOf(choose(y, state, { command: 'vouch keystore remove', form, flags }));
      },
      async (args) => {
        state.exitCode = await (await import('./removal.ts')).remove(args, state.terminal);
      },
    );
}

function withUnblock(keystore: Argv, state: Run): Argv {
  return keystore.command(
    'unblock <fingerprint>',
    'take a key again when it is pushed',
    async (y) => {
      const { options: flags } = await import('./removal.ts');
      const form = `FINGERPRINT ${STORE_FORM}`;
      return fingerprintOf(choose(y, state, { command: 'vouch keystore unblock', form, flags }));
    },
    async (args) => {
      state.exitCode = await (await import('./removal.ts')).unblock(args, state.terminal);
    },
  );
}

function withBlocked(keystore: Argv, state: Run): Argv {
  return keystore.command(
    'blocked',
    'the keys that are blocked, since when and why',
    async (y) => {
      const { options: flags } = await import('./removal.ts');
      return choose(y, state, { command: 'vouch keystore blocked', form: STORE_FORM, flags });
    },
    async (args) => {
      state.exitCode = await (await import('./removal.ts')).blocked(args, state.terminal);
    },
  );
}

function withUpkeep(keystore: Argv, state: Run): Argv {
  return withCopy(withBackup(keystore, state), state)
    .command(
      'jobs',
      'what is done by schedule, and what came of it',
      async (y) => {
        const { jobsOptions: flags } = await import('./upkeep.ts');
        return choose(y, state, {
          command: 'vouch keystore jobs',
          form: `[--run NAME] ${STORE_FORM}`,
          flags,
        });
      },
      async (args) => {
        state.exitCode = await (await import('./upkeep.ts')).jobs(args, state.terminal);
      },
    )
    .command(
      'reload',
      'have the running server read its settings again',
      async (y) => {
        const { options: flags } = await import('./upkeep.ts');
        return choose(y, state, { command: 'vouch keystore reload', form: STORE_FORM, flags });
      },
      async (args) => {
        state.exitCode = await (await import('./upkeep.ts')).reload(args, state.terminal);
      },
    );
}

function withCopy(keystore: Argv, state: Run): Argv {
  return keystore.command(
    'copy',
    'copy everything into a new store of another kind: from a folder to a database, or back',
    async (y) => {
      const { options: flags } = await import('./copy.ts');
      const form = '--from level:DIR|postgres://… --to level:DIR|postgres://… [--json]';
      return choose(y, state, { command: 'vouch keystore copy', form, flags });
    },
    async (args) => {
      state.exitCode = await (await import('./copy.ts')).run(args, state.terminal);
    },
  );
}

function withBackup(keystore: Argv, state: Run): Argv {
  return keystore
    .command(
      'backup [file]',
      'write everything to one file, tokens and tombstones included',
      async (y) => {
        const { options: flags } = await import('./upkeep.ts');
        const form = `[FILE] ${STORE_FORM}`;
        return choose(y, state, { command: 'vouch keystore backup', form, flags }).positional('file', {
          type: 'string',
          describe: 'file to write [default: a new one in the folder of the settings]',
        });
      },
      async (args) => {
        state.exitCode = await (await import('./upkeep.ts')).backup(args, state.terminal);
      },
    )
    .command(
      'restore <file>',
      'make a store from a backup, where there is none',
      async (y) => {
        const { options: flags } = await import('./restore.ts');
        const form = `FILE ${STORE_FORM}`;
        return choose(y, state, { command: 'vouch keystore restore', form, flags }).positional('file', {
          type: 'string',
          demandOption: true,
          describe: 'the backup',
        });
      },
      async (args) => {
        state.exitCode = await (await import('./restore.ts')).run(args, state.terminal);
      },
    );
}

function fingerprintOf<T>(y: Argv<T>): Argv<T & { fingerprint: string }> {
  return y.positional('fingerprint', {
    type: 'string',
    demandOption: true,
    describe: 'of a primary key or a subkey: 40 or 64 hexadecimal digits',
  });
}
