import { CliError } from './error.ts';
import { EXIT } from './exit-code.ts';
import type { ExitCode } from './exit-code.ts';
import { JSON_OUTPUT } from './options.ts';
import type { Switch, TextFlag } from './options.ts';
import type { Terminal } from './terminal.ts';
import { affectedText } from './daemon/affected-text.ts';
import { DaemonClient } from './daemon/daemon-client.ts';
import { withImages } from './daemon/image-request.ts';
import { DEFAULT_WAIT, LONG_WORK } from './daemon/limits.ts';
import { digestOf, fingerprintOf, SOCKET } from './daemon/options.ts';
import { readDecision } from './daemon/read-decision.ts';

export const options: {
  readonly socket: TextFlag;
  readonly fingerprint: TextFlag;
  readonly sha256: TextFlag;
  readonly json: Switch;
} = {
  socket: SOCKET,
  fingerprint: { type: 'string', requiresArg: true, describe: 'everything that this key signed' },
  sha256: { type: 'string', requiresArg: true, describe: 'the image with this digest' },
  json: JSON_OUTPUT,
};

export const form = 'IMAGE | --fingerprint FINGERPRINT | --sha256 DIGEST';

export interface AffectedArguments {
  readonly image: string | undefined;
  readonly socket: string | undefined;
  readonly fingerprint: string | undefined;
  readonly sha256: string | undefined;
  readonly json: boolean | undefined;
}

/** Says what was admitted here by a key or with certain bytes: where, by whom, and what of it runs now. */
export async function run(args: AffectedArguments, terminal: Terminal): Promise<ExitCode> {
  const { image, fingerprint, sha256 } = args;
  if ([image, fingerprint, sha256].filter((one) => one !== undefined).length !== 1) {
    throw new CliError('USAGE', 'name one of: an image, --fingerprint, --sha256');
  }
  const daemon = new DaemonClient(args.socket);
  const query =
    fingerprint !== undefined
      ? `fingerprint=${fingerprintOf(fingerprint)}`
      : `sha256=${sha256 === undefined ? await digestOfImage(image ?? '', daemon) : digestOf('--sha256', sha256)}`;
  const { json, fields } = await daemon.ask(`/v1/affected?${query}`, { wait: LONG_WORK });
  await terminal.out(args.json === true ? `${JSON.stringify(json)}\n` : affectedText(fields));
  return EXIT.done;
}

/** The daemon knows the digests of images that it has read. */
async function digestOfImage(name: string, daemon: DaemonClient): Promise<string> {
  const { fields } = await withImages([name], false, (images) =>
    daemon.ask('/v1/explain', { wait: DEFAULT_WAIT, body: { images } }),
  );
  const [image] = readDecision(fields, 1).images;
  if (image?.sha256 !== undefined) return image.sha256;
  const why = image?.reasons[0]?.text ?? 'it gives no reason';
  throw new CliError('UNREADABLE_FILE', `the daemon cannot tell the digest of ${name}: ${why}`);
}
