import { folderLook } from '../../admission/host/folder-look.ts';
import type { Finding } from '../../policy/finding.ts';
import { lintPolicy } from '../../policy/lint.ts';
import { parsePolicy } from '../../policy/parse-policy.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { JSON_OUTPUT } from '../options.ts';
import type { Switch } from '../options.ts';
import { plural } from '../plural.ts';
import { printable } from '../printable.ts';
import type { Terminal } from '../terminal.ts';
import { policyFiles } from './policy-files.ts';

export const options: { readonly json: Switch } = { json: JSON_OUTPUT };

export const form = 'FILE … [--json]';

export interface LintArguments {
  readonly files: readonly string[];
  readonly json: boolean | undefined;
}

/** Says whether a policy can be loaded, and what in it is doubtful on this host. Exits 65 when it has errors. */
export async function run(args: LintArguments, terminal: Terminal): Promise<ExitCode> {
  const policy = parsePolicy(await policyFiles(args.files, terminal));
  const findings = lintPolicy(policy, folderLook(), Math.floor(Date.now() / 1000));
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const { sha256, serial, rules, signers } = policy;
  if (args.json === true) {
    const about = { sha256, serial, rules: rules.length, signers: signers.size };
    await terminal.out(`${JSON.stringify({ ...about, findings })}\n`);
  } else {
    const size = `${plural(rules.length, 'rule')}, ${plural(signers.size, 'signer')}`;
    const count = `${plural(errors, 'error')}, ${plural(findings.length - errors, 'warning')}`;
    await terminal.out(`${findings.map(findingLines).join('')}Serial ${serial}: ${size}; ${count}\n`);
  }
  return errors === 0 ? EXIT.done : EXIT.badInput;
}

function findingLines({ severity, code, subject, text, fix }: Finding): string {
  return `${severity}: ${printable(subject)}: ${printable(text)} (${code})\n    fix: ${printable(fix)}\n`;
}
