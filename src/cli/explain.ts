import { CliError } from './error.ts';
import type { ExitCode } from './exit-code.ts';
import { JSON_OUTPUT } from './options.ts';
import type { Switch, TextFlag } from './options.ts';
import type { Terminal } from './terminal.ts';
import { wantsColour } from './colour.ts';
import { DaemonClient } from './daemon/daemon-client.ts';
import { exitCodeOfDecision } from './daemon/decision-exit.ts';
import { explainText } from './daemon/explain-text.ts';
import { withImages } from './daemon/image-request.ts';
import { bindingOf, MIN_BINDING, SOCKET, WAIT, waitOf } from './daemon/options.ts';
import { policyText } from './daemon/policy-text.ts';
import { readDecision } from './daemon/read-decision.ts';

export const options: {
  readonly socket: TextFlag;
  readonly wait: TextFlag;
  readonly policy: TextFlag;
  readonly at: TextFlag;
  readonly 'min-binding': TextFlag;
  readonly 'by-fd': Switch;
  readonly json: Switch;
} = {
  socket: SOCKET,
  wait: WAIT,
  policy: {
    type: 'string',
    requiresArg: true,
    describe: 'file of another policy: what would it say? Takes the admin socket',
  },
  at: {
    type: 'string',
    requiresArg: true,
    describe: 'as of this time, such as 2027-01-31T12:00:00Z. Takes the admin socket',
  },
  'min-binding': MIN_BINDING,
  'by-fd': { type: 'boolean', describe: 'open the image here, for a daemon that does not see it by path' },
  json: JSON_OUTPUT,
};

export const form = 'IMAGE [--policy FILE] [--at TIME] [--json]';

export interface ExplainArguments {
  readonly image: string;
  readonly socket: string | undefined;
  readonly wait: string | undefined;
  readonly policy: string | undefined;
  readonly at: string | undefined;
  readonly 'min-binding': string | undefined;
  readonly 'by-fd': boolean | undefined;
  readonly json: boolean | undefined;
}

/** Tells why the daemon would admit an image or not, without admitting it. Exits as `admit` would. */
export async function run(args: ExplainArguments, terminal: Terminal): Promise<ExitCode> {
  const wait = waitOf(args.wait);
  const binding = bindingOf(args['min-binding']);
  const at = args.at === undefined ? undefined : timeOf(args.at);
  const policy = args.policy === undefined ? undefined : await policyText(args.policy);
  const assumed = {
    ...(policy !== undefined && { policy }),
    ...(at !== undefined && { at }),
    ...(binding !== undefined && { min_binding: binding }),
  };
  const daemon = new DaemonClient(args.socket);
  const { json, fields } = await withImages([args.image], args['by-fd'] === true, (images) =>
    daemon.ask('/v1/explain', { wait, body: { images, wait_ms: wait, ...assumed } }),
  );
  const decision = readDecision(fields, 1);
  await terminal.out(args.json === true ? `${JSON.stringify(json)}\n` : explainText(decision, wantsColour()));
  return exitCodeOfDecision(decision, false);
}

/** With an offset: a time without one is another one on every host. */
const ISO_TIME = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/;

function timeOf(text: string): string {
  const time = new Date(text);
  if (!ISO_TIME.test(text) || Number.isNaN(time.getTime())) {
    throw new CliError('USAGE', `--at ${JSON.stringify(text)}: write a time such as 2027-01-31T12:00:00Z`);
  }
  return time.toISOString();
}
