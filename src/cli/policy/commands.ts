import type { Argv } from 'yargs';
import { choose } from '../choose.ts';
import type { Run } from '../choose.ts';

/** `vouch policy …` */
export function policyCommands(y: Argv, state: Run): Argv {
  const known = ['lint', 'show', 'diff', 'test', 'import-ecl', 'export-ecl'];
  state.chosen = { command: 'vouch policy', form: `${known.join('|')} …`, known };
  const commands = [withLint, withShow, withDiff, withTest, withImportEcl, withExportEcl];
  return commands.reduce((all, one) => one(all, state), y).demandCommand(1, 'name a command');
}

function withLint(y: Argv, state: Run): Argv {
  return y.command(
    'lint <files..>',
    'say whether a policy can be loaded, and what in it is doubtful',
    async (yy) => {
      const { options: flags, form } = await import('./lint.ts');
      return withFiles(choose(yy, state, { command: 'vouch policy lint', form, flags }));
    },
    async (args) => {
      state.exitCode = await (await import('./lint.ts')).run(args, state.terminal);
    },
  );
}

function withShow(y: Argv, state: Run): Argv {
  return y.command(
    'show <files..>',
    'show a policy as it is in force, with every default',
    async (yy) => {
      const { options: flags, form } = await import('./show.ts');
      return withFiles(choose(yy, state, { command: 'vouch policy show', form, flags }));
    },
    async (args) => {
      state.exitCode = await (await import('./show.ts')).run(args, state.terminal);
    },
  );
}

function withDiff(y: Argv, state: Run): Argv {
  return y.command(
    'diff <file>',
    'ask the daemon which of its last decisions would be others with this policy',
    async (yy) => {
      const { options: flags, form } = await import('./diff.ts');
      return choose(yy, state, { command: 'vouch policy diff', form, flags }).positional('file', {
        type: 'string',
        demandOption: true,
        describe: 'a policy of one file',
      });
    },
    async (args) => {
      state.exitCode = await (await import('./diff.ts')).run(args, state.terminal);
    },
  );
}

function withTest(y: Argv, state: Run): Argv {
  return y.command(
    'test <cases>',
    'try a policy on images of which you know what it should say',
    async (yy) => {
      const { options: flags, form } = await import('./test.ts');
      return choose(yy, state, { command: 'vouch policy test', form, flags }).positional('cases', {
        type: 'string',
        demandOption: true,
        describe: 'table of images and what is expected of each, in TOML',
      });
    },
    async (args) => {
      state.exitCode = await (await import('./test.ts')).run(args, state.terminal);
    },
  );
}

function withImportEcl(y: Argv, state: Run): Argv {
  return y.command(
    'import-ecl [ecl]',
    "say Singularity's execution control list in the words of a policy",
    async (yy) => {
      const { options: flags } = await import('./import-ecl.ts');
      const form = '[ECL] --flavour singularity|apptainer [--keyring FILE] [--output FILE]';
      return choose(yy, state, { command: 'vouch policy import-ecl', form, flags }).positional('ecl', {
        type: 'string',
        describe: 'the list [default: that of this host]',
      });
    },
    async (args) => {
      state.exitCode = await (await import('./import-ecl.ts')).run(args, state.terminal);
    },
  );
}

function withExportEcl(y: Argv, state: Run): Argv {
  return y.command(
    'export-ecl [policy]',
    'write what an execution control list can say of a policy',
    async (yy) => {
      const { options: flags } = await import('./export-ecl.ts');
      const form = '[POLICY] --flavour singularity|apptainer [--output FILE] [--keyring-output FILE]';
      return choose(yy, state, { command: 'vouch policy export-ecl', form, flags }).positional('policy', {
        type: 'string',
        describe: 'file or folder [default: the policy of this host]',
      });
    },
    async (args) => {
      state.exitCode = await (await import('./export-ecl.ts')).run(args, state.terminal);
    },
  );
}

function withFiles<T>(y: Argv<T>): Argv<T & { files: string[] }> {
  return y.positional('files', {
    type: 'string',
    array: true,
    demandOption: true,
    describe: 'file or folder as the daemon reads it; or several files of one policy, in order',
  });
}
