import { EXIT } from './exit-code.ts';
import type { ExitCode } from './exit-code.ts';
import { JSON_OUTPUT } from './options.ts';
import type { Switch, TextFlag } from './options.ts';
import { printable } from './printable.ts';
import type { Terminal } from './terminal.ts';
import { wantsColour } from './colour.ts';
import { DaemonClient } from './daemon/daemon-client.ts';
import { exitCodeOfDecision } from './daemon/decision-exit.ts';
import { decisionText } from './daemon/decision-text.ts';
import { withImages } from './daemon/image-request.ts';
import { LONG_WORK } from './daemon/limits.ts';
import { SOCKET } from './daemon/options.ts';
import { readDecision } from './daemon/read-decision.ts';

export const options: { readonly socket: TextFlag; readonly print: Switch; readonly json: Switch } = {
  socket: SOCKET,
  print: { type: 'boolean', describe: 'print the path in the store and nothing else' },
  json: JSON_OUTPUT,
};

export const form = 'IMAGE [--print] [--json]';

export interface PromoteArguments {
  readonly image: string;
  readonly socket: string | undefined;
  readonly print: boolean | undefined;
  readonly json: boolean | undefined;
}

/** Has an admitted image copied into the daemon's store. Exits as `admit` when it is not admitted. */
export async function run(args: PromoteArguments, terminal: Terminal): Promise<ExitCode> {
  const daemon = new DaemonClient(args.socket);
  const { json, fields } = await withImages([args.image], false, ([image = {}]) =>
    daemon.ask('/v1/promote', { wait: LONG_WORK, body: image }),
  );
  const decision = readDecision(fields.object('decision'), 1);
  const promoted = fields.optional('path', (name) => fields.text(name));
  if (args.json === true) await terminal.out(`${JSON.stringify(json)}\n`);
  if (promoted === undefined) {
    if (args.json !== true) terminal.err(decisionText(decision, wantsColour()));
    const exitCode = exitCodeOfDecision(decision, false);
    return exitCode === EXIT.done ? EXIT.refusedByPolicy : exitCode;
  }
  // Alone on its line it is for a program, which needs it as it is.
  if (args.print === true) await terminal.out(`${promoted}\n`);
  else if (args.json !== true) {
    await terminal.out(`Promoted: ${printable(promoted)} (${fields.text('method')})\n`);
  }
  return EXIT.done;
}
