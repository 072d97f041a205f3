import type { HkpClient } from '../../hkp/client.ts';
import { isCertificateNamed, readKeyName, theOnly } from '../../keyring/key-name.ts';
import { KeyringError } from '../../keyring/error.ts';
import type { PublicRing } from '../../keyring/public-ring.ts';
import type { Certificate } from '../../openpgp/certificate.ts';
import { mergeCertificates } from '../../openpgp/merge.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { Terminal } from '../terminal.ts';
import { hostRings } from './keyrings.ts';
import type { PlaceArguments } from './keyrings.ts';
import { askEach, keystores } from './keystores.ts';
import { GLOBAL, KEYSDIR, URL_FLAG } from './options.ts';
import type { ShortSwitch, ShortTextFlag, UrlArgument } from './options.ts';
import { noteState } from './note-state.ts';

export const options: {
  readonly url: ShortTextFlag;
  readonly global: ShortSwitch;
  readonly keysdir: ShortTextFlag;
} = { url: URL_FLAG, global: GLOBAL, keysdir: KEYSDIR };

export interface PullArguments extends PlaceArguments {
  readonly fingerprint: string;
  readonly url: UrlArgument;
  readonly global: boolean | undefined;
}

/** Takes a certificate from the keystores into the public keyring; what is held already grows by what is new. */
export async function run(args: PullArguments, terminal: Terminal): Promise<ExitCode> {
  const name = readKeyName(args.fingerprint);
  const clients = keystores(args.url);
  const certificate = await pullOne(name, clients, terminal);
  const [written, ...others] = hostRings(args, terminal).publicRings;
  const [addition] = await written.add([certificate]);
  // A revocation must be seen by every tool that holds the key.
  for (const ring of others) await addWhereHeld(ring, certificate);
  await terminal.out(
    `${addition?.outcome === 'added' ? 1 : 0} key(s) added to keyring of trust ${written.path}\n`,
  );
  if (addition?.outcome === 'updated') {
    await terminal.out(`Public key with fingerprint ${addition.fingerprint} updated with what is new\n`);
  }
  noteState(certificate, terminal);
  return EXIT.done;
}

async function addWhereHeld(ring: PublicRing, certificate: Certificate): Promise<void> {
  const { fingerprint } = certificate.primary.key;
  const { certificates } = await ring.read((key) => key.fingerprint === fingerprint);
  if (certificates.length > 0) await ring.add([certificate], 'held');
}

/** What all keystores together have of the one key that `name` is the name of. */
async function pullOne(
  name: string,
  clients: readonly HkpClient[],
  terminal: Terminal,
): Promise<Certificate> {
  const answers = await askEach(clients, (client) => client.get(name), terminal);
  const found = answers.flatMap(({ value }) => value).filter((one) => isCertificateNamed(name, one));
  if (found.length === 0) {
    const where = clients.map((client) => client.name).join(', ');
    throw new KeyringError(
      'NO_SUCH_KEY',
      `unable to pull key from server: no matching keys found for fingerprint ${name} at ${where}`,
    );
  }
  const fingerprint = theOnly(
    name,
    found.map(({ primary }) => primary.key.fingerprint),
    'the keystore',
  );
  return found
    .filter(({ primary }) => primary.key.fingerprint === fingerprint)
    .reduce((all, one) => mergeCertificates(all, one));
}
