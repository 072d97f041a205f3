import { EXIT } from './exit-code.ts';
import type { ExitCode } from './exit-code.ts';
import { JSON_OUTPUT } from './options.ts';
import type { Switch, TextFlag } from './options.ts';
import type { Terminal } from './terminal.ts';
import { answerLines } from './daemon/answer-lines.ts';
import { DaemonClient } from './daemon/daemon-client.ts';
import { SOCKET } from './daemon/options.ts';

export const options: { readonly socket: TextFlag; readonly json: Switch } = {
  socket: SOCKET,
  json: JSON_OUTPUT,
};

export const form = '[--socket PATH] [--json]';

export interface StatusArguments {
  readonly socket: string | undefined;
  readonly json: boolean | undefined;
}

/** Says how the daemon is. */
export async function run(args: StatusArguments, terminal: Terminal): Promise<ExitCode> {
  const { json } = await new DaemonClient(args.socket).ask('/v1/status');
  await terminal.out(args.json === true ? `${JSON.stringify(json)}\n` : answerLines(json));
  return EXIT.done;
}
