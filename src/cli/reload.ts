import { EXIT } from './exit-code.ts';
import type { ExitCode } from './exit-code.ts';
import { JSON_OUTPUT } from './options.ts';
import type { Switch, TextFlag } from './options.ts';
import type { Terminal } from './terminal.ts';
import { answerLines } from './daemon/answer-lines.ts';
import { DaemonClient } from './daemon/daemon-client.ts';
import { SOCKET } from './daemon/options.ts';

export const options: {
  readonly socket: TextFlag;
  readonly 'allow-rollback': Switch;
  readonly json: Switch;
} = {
  socket: SOCKET,
  'allow-rollback': {
    type: 'boolean',
    describe: 'take a policy with a lower serial than the one that is loaded',
  },
  json: JSON_OUTPUT,
};

export const form = '[--allow-rollback] [--json]';

export interface ReloadArguments {
  readonly socket: string | undefined;
  readonly 'allow-rollback': boolean | undefined;
  readonly json: boolean | undefined;
}

/** Makes the daemon read its policy anew. A policy that cannot be used is told, and the old one stays. */
export async function run(args: ReloadArguments, terminal: Terminal): Promise<ExitCode> {
  const body = args['allow-rollback'] === true ? { allow_rollback: true } : {};
  const { json } = await new DaemonClient(args.socket).ask('/v1/policy/reload', { body });
  await terminal.out(args.json === true ? `${JSON.stringify(json)}\n` : answerLines(json));
  return EXIT.done;
}
