import { mergeCertificates } from '../../openpgp/merge.ts';
import type { Certificate } from '../../openpgp/certificate.ts';
import { HkpClientError } from '../../hkp/client/error.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { printable } from '../printable.ts';
import type { Terminal } from '../terminal.ts';
import { heldKey, heldKeys } from './held-keys.ts';
import { hostRings } from './keyrings.ts';
import type { PlaceArguments } from './keyrings.ts';
import { keystores } from './keystores.ts';
import { GLOBAL, KEYSDIR, URL_FLAG } from './options.ts';
import type { ShortSwitch, ShortTextFlag, UrlArgument } from './options.ts';

export const options: {
  readonly url: ShortTextFlag;
  readonly global: ShortSwitch;
  readonly keysdir: ShortTextFlag;
} = { url: URL_FLAG, global: GLOBAL, keysdir: KEYSDIR };

export interface PushArguments extends PlaceArguments {
  readonly fingerprint: string;
  readonly url: UrlArgument;
  readonly global: boolean | undefined;
}

/** Publishes a certificate of the public keyring at every keystore that is named. */
export async function run(args: PushArguments, terminal: Terminal): Promise<ExitCode> {
  const rings = hostRings(args, terminal).publicRings;
  const named = heldKey(await heldKeys(rings, terminal), args.fingerprint, rings);
  const certificate = named.map((one) => one.certificate).reduce((all, one) => mergeCertificates(all, one));
  await pushTo(args.url, certificate, terminal);
  await terminal.out(`public key \`${certificate.primary.key.fingerprint}' pushed to server successfully\n`);
  return EXIT.done;
}

/** Throws what a keystore answered, naming those that have taken it already. */
export async function pushTo(url: UrlArgument, certificate: Certificate, terminal: Terminal): Promise<void> {
  const done: string[] = [];
  for (const client of keystores(url)) {
    try {
      const answer = await client.push(certificate);
      done.push(client.name);
      terminal.err(`INFO:    Key server response: ${printable(answer)}\n`);
    } catch (error) {
      if (!(error instanceof HkpClientError)) throw error;
      const before = done.length === 0 ? '' : ` (${done.join(', ')} took it)`;
      const message = `push failed: key server did not accept PGP key: ${error.message}${before}`;
      throw new HkpClientError(error.code, message, { cause: error });
    }
  }
}
