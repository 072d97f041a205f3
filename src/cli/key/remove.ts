import { isNamed, readKeyName, theOnly } from '../../keyring/key-name.ts';
import { KeyringError } from '../../keyring/error.ts';
import { CliError } from '../error.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import type { Switch } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import { hostRings, refuseGlobalSecrets } from './keyrings.ts';
import type { HostRings, PlaceArguments } from './keyrings.ts';
import { GLOBAL, KEYSDIR, PRIVATE, SECRET, wantsSecret } from './options.ts';
import type { SecretArguments, ShortSwitch, ShortTextFlag } from './options.ts';

export const options: {
  readonly secret: ShortSwitch;
  readonly private: Switch;
  readonly public: ShortSwitch;
  readonly both: ShortSwitch;
  readonly global: ShortSwitch;
  readonly keysdir: ShortTextFlag;
} = {
  secret: SECRET,
  private: PRIVATE,
  public: { type: 'boolean', alias: 'p', describe: 'the public key, which is the default' },
  both: { type: 'boolean', alias: 'b', describe: 'the public key and the secret key' },
  global: GLOBAL,
  keysdir: KEYSDIR,
};

export interface RemoveArguments extends PlaceArguments, SecretArguments {
  readonly fingerprint: string;
  readonly public: boolean | undefined;
  readonly both: boolean | undefined;
  readonly global: boolean | undefined;
}

/** Takes a key out of every keyring of this user that has it: what is left in one is still trusted by a tool. */
export async function run(args: RemoveArguments, terminal: Terminal): Promise<ExitCode> {
  const wanted = readWanted(args);
  refuseGlobalSecrets(args, wanted.secret);
  const rings = hostRings(args, terminal);
  const fingerprint = await resolve(args.fingerprint, rings, wanted);
  let removed = 0;
  for (const ring of wanted.secret ? rings.secretRings : [])
    removed += Number(await ring.remove(fingerprint));
  for (const ring of wanted.public ? rings.publicRings : [])
    removed += Number(await ring.remove(fingerprint));
  if (removed > 0) return EXIT.done;
  const which = [...(wanted.public ? ['public'] : []), ...(wanted.secret ? ['private'] : [])].join(' or ');
  throw new KeyringError(
    'NO_SUCH_KEY',
    `Unable to remove ${which} key: no key matching given fingerprint found`,
  );
}

function readWanted(args: RemoveArguments): Wanted {
  if (args.both === true) return { public: true, secret: true };
  const secret = wantsSecret(args);
  if (secret && args.public === true) throw new CliError('USAGE', '--public and --secret: write --both');
  return { public: !secret, secret };
}

interface Wanted {
  readonly public: boolean;
  readonly secret: boolean;
}

/** A whole fingerprint is taken as it is: also a key that cannot be read can be removed. */
async function resolve(text: string, rings: HostRings, wanted: Wanted): Promise<string> {
  const name = readKeyName(text);
  if (name.length > 16) return name;
  const found: string[] = [];
  for (const ring of wanted.public ? rings.publicRings : []) {
    const { certificates } = await ring.read();
    const keys = certificates.map(({ primary }) => primary.key);
    found.push(...keys.filter((key) => isNamed(name, key)).map((key) => key.fingerprint));
  }
  for (const ring of wanted.secret ? rings.secretRings : []) {
    const { keys } = await ring.read();
    const named = keys.filter(({ certificate }) => isNamed(name, certificate.primary.key));
    found.push(...named.map((key) => key.fingerprint));
  }
  return theOnly(name, found, 'the keyring');
}
