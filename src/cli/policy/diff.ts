import type { AnswerFields } from '../daemon/answer-fields.ts';
import { DaemonClient } from '../daemon/daemon-client.ts';
import { LONG_WORK } from '../daemon/limits.ts';
import { SOCKET } from '../daemon/options.ts';
import { policyText } from '../daemon/policy-text.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { JSON_OUTPUT } from '../options.ts';
import type { Switch, TextFlag } from '../options.ts';
import { plural } from '../plural.ts';
import { printable } from '../printable.ts';
import type { Terminal } from '../terminal.ts';

export const options: { readonly socket: TextFlag; readonly json: Switch } = {
  socket: SOCKET,
  json: JSON_OUTPUT,
};

export const form = 'FILE [--json]';

export interface DiffArguments {
  readonly file: string;
  readonly socket: string | undefined;
  readonly json: boolean | undefined;
}

/** Asks the daemon which of its last decisions would be others with this policy. */
export async function run(args: DiffArguments, terminal: Terminal): Promise<ExitCode> {
  const policy = await policyText(args.file);
  const daemon = new DaemonClient(args.socket);
  const { json, fields } = await daemon.ask('/v1/policy/diff', { body: { policy }, wait: LONG_WORK });
  const considered = fields.number('considered');
  const changed = fields.list('changed', changeLines);
  if (args.json === true) await terminal.out(`${JSON.stringify(json)}\n`);
  else {
    const images = plural(considered, 'image');
    await terminal.out(`${changed.join('')}${changed.length} of ${images} would be decided otherwise\n`);
  }
  return EXIT.done;
}

function changeLines(change: AnswerFields): string {
  const codes = change.list('reasons', (reason) => reason.text('code'));
  const why = codes.length === 0 ? '' : ` (${[...new Set(codes)].join(', ')})`;
  const before = effect(change.object('before'));
  const after = effect(change.object('after'));
  return printable(`${change.text('path')}: ${before} -> ${after}${why}`).concat('\n');
}

/** `refuse`, or `admit (would be refuse)` where something else lets it pass. */
function effect(one: AnswerFields): string {
  const verdict = one.text('verdict');
  const effective = one.text('effective');
  const rule = one.optional('rule', (name) => one.text(name));
  const exception = effective === 'admit' && verdict !== 'admit' ? ` although ${verdict}` : '';
  return `${effective}${exception} by ${rule === undefined ? 'no rule' : `rule ${rule}`}`;
}
