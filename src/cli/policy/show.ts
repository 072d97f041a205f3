import { parsePolicy } from '../../policy/parse-policy.ts';
import { policyDocument, showPolicy } from '../../policy/show.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { JSON_OUTPUT } from '../options.ts';
import type { Switch } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import { policyFiles } from './policy-files.ts';

export const options: { readonly json: Switch } = { json: JSON_OUTPUT };

export const form = 'FILE … [--json]';

export interface ShowArguments {
  readonly files: readonly string[];
  readonly json: boolean | undefined;
}

/** Shows a policy as it is in force, with every default. */
export async function run(args: ShowArguments, terminal: Terminal): Promise<ExitCode> {
  const policy = parsePolicy(await policyFiles(args.files, terminal));
  const text = args.json === true ? `${JSON.stringify(policyDocument(policy))}\n` : showPolicy(policy);
  await terminal.out(text.endsWith('\n') ? text : `${text}\n`);
  return EXIT.done;
}
