import { EXIT } from './exit-code.ts';
import type { ExitCode } from './exit-code.ts';
import { JSON_OUTPUT } from './options.ts';
import type { Switch, TextFlag } from './options.ts';
import { plural } from './plural.ts';
import { printable } from './printable.ts';
import type { Terminal } from './terminal.ts';
import { DaemonClient } from './daemon/daemon-client.ts';
import { LONG_WORK } from './daemon/limits.ts';
import { fingerprintOf, SOCKET } from './daemon/options.ts';

export const options: { readonly socket: TextFlag; readonly json: Switch } = {
  socket: SOCKET,
  json: JSON_OUTPUT,
};

export const form = '[FINGERPRINT] [--json]';

export interface RefreshArguments {
  readonly fingerprint: string | undefined;
  readonly socket: string | undefined;
  readonly json: boolean | undefined;
}

/** Makes the daemon ask its keystores for what is new about its keys. Exits 69 when one did not answer. */
export async function run(args: RefreshArguments, terminal: Terminal): Promise<ExitCode> {
  const body = args.fingerprint === undefined ? {} : { fingerprint: fingerprintOf(args.fingerprint) };
  const daemon = new DaemonClient(args.socket);
  const { json, fields } = await daemon.ask('/v1/keys/refresh', { body, wait: LONG_WORK });
  const asked = fields.number('asked');
  const changed = fields.texts('changed');
  const failed = fields.list('failed', (one) => `${one.text('keystore')}: ${one.text('message')}`);
  if (args.json === true) await terminal.out(`${JSON.stringify(json)}\n`);
  else {
    const lines = changed.map((fingerprint) => `Changed: ${printable(fingerprint)}\n`);
    await terminal.out(`${plural(asked, 'key')} asked for, ${changed.length} changed\n${lines.join('')}`);
  }
  for (const failure of failed) terminal.err(`WARNING: ${printable(failure)}\n`);
  return failed.length === 0 ? EXIT.done : EXIT.unavailable;
}
