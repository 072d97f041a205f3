import type { Decision } from '../admission/decision.ts';
import { imageOutcome } from '../admission/outcome.ts';
import type { UnixAnswer } from '../http/unix-client.ts';
import { CliError } from './error.ts';
import type { ExitCode } from './exit-code.ts';
import { JSON_OUTPUT } from './options.ts';
import type { Switch, TextFlag } from './options.ts';
import { printable } from './printable.ts';
import { quickly } from './quickly.ts';
import type { Terminal } from './terminal.ts';
import { wantsColour } from './colour.ts';
import { DaemonClient, readAnswer } from './daemon/daemon-client.ts';
import type { DaemonAnswer } from './daemon/daemon-client.ts';
import { exitCodeOfDecision } from './daemon/decision-exit.ts';
import { decisionText } from './daemon/decision-text.ts';
import { withImages } from './daemon/image-request.ts';
import {
  bindingOf,
  contextOf,
  digestOf,
  EXPECT,
  MIN_BINDING,
  SOCKET,
  WAIT,
  waitOf,
} from './daemon/options.ts';
import { readDecision } from './daemon/read-decision.ts';

export const options: {
  readonly socket: TextFlag;
  readonly wait: TextFlag;
  readonly expect: TextFlag;
  readonly 'min-binding': TextFlag;
  readonly 'by-fd': Switch;
  readonly context: TextFlag;
  readonly strict: Switch;
  readonly quiet: Switch & { readonly alias: string };
  readonly json: Switch;
} = {
  socket: SOCKET,
  wait: WAIT,
  expect: EXPECT,
  'min-binding': MIN_BINDING,
  'by-fd': {
    type: 'boolean',
    describe: 'open the images here, for a daemon that does not see them by path (/tmp of another unit)',
  },
  context: {
    type: 'string',
    requiresArg: true,
    describe: 'NAME=VALUE for the log, such as job=slurm:123; may be given several times',
  },
  strict: { type: 'boolean', describe: 'exit 13 when only audit mode or a waiver admits' },
  quiet: { type: 'boolean', alias: 'q', describe: 'say nothing: the exit code is the answer' },
  json: JSON_OUTPUT,
};

export const form = 'IMAGE … [--wait TIME] [--expect SHA256] [--min-binding TIER] [--strict] [--json]';

export interface AdmitArguments {
  readonly images: readonly string[];
  readonly socket: string | undefined;
  readonly wait: string | undefined;
  readonly expect: string | undefined;
  readonly 'min-binding': string | undefined;
  readonly 'by-fd': boolean | undefined;
  readonly context: string | readonly string[] | undefined;
  readonly strict: boolean | undefined;
  readonly quiet: boolean | undefined;
  readonly json: boolean | undefined;
}

/** Asks the daemon whether images may run here. */
export async function run(args: AdmitArguments, terminal: Terminal): Promise<ExitCode> {
  const wait = waitOf(args.wait);
  const asked = restOfQuestion(args);
  const daemon = new DaemonClient(args.socket);
  const answer = await withImages(args.images, args['by-fd'] === true, (images) =>
    daemon.ask('/v1/admit', { wait, body: { images, wait_ms: wait, ...asked } }),
  );
  return tell(answer, args, terminal);
}

type Telling = Pick<AdmitArguments, 'quiet' | 'json' | 'strict'> & { readonly images: readonly string[] };

async function tell({ json, fields }: DaemonAnswer, args: Telling, terminal: Terminal): Promise<ExitCode> {
  const decision = readDecision(fields, args.images.length);
  if (args.quiet !== true) {
    await terminal.out(
      args.json === true ? `${JSON.stringify(json)}\n` : decisionText(decision, wantsColour()),
    );
    warnOfExceptions(decision, terminal);
  }
  return exitCodeOfDecision(decision, args.strict === true);
}

/** Tells an answer about one image that somebody else asked for. */
export function tellQuickly(
  { socketPath, ...answer }: UnixAnswer & { readonly socketPath: string },
  { image, quiet, json }: { readonly image: string; readonly quiet: boolean; readonly json: boolean },
): Promise<ExitCode> {
  const args = { images: [image], quiet, json, strict: undefined };
  return quickly((terminal) => tell(readAnswer(answer, socketPath), args, terminal));
}

function restOfQuestion(args: AdmitArguments): object {
  const binding = bindingOf(args['min-binding']);
  const context = contextOf(args.context);
  if (args.expect !== undefined && args.images.length > 1) {
    throw new CliError('USAGE', '--expect is the digest of one image; ask for one image at a time');
  }
  return {
    ...(args.expect !== undefined && { expect: { sha256: digestOf('--expect', args.expect) } }),
    ...(Object.keys(context).length > 0 && { context }),
    ...(binding !== undefined && { min_binding: binding }),
  };
}

/** Whoever starts the image should know that it is let through, not approved. */
function warnOfExceptions({ images, effective }: Decision, terminal: Terminal): void {
  if (effective === 'refuse') return;
  for (const image of images) {
    if (imageOutcome(image) !== 'exception') continue;
    const why = image.waived === true ? 'a waiver' : 'audit mode or a fallback of the policy';
    terminal.err(`WARNING: ${printable(image.path)} is admitted only by ${why}\n`);
  }
}
