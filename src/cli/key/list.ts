import { certificateState } from '../../openpgp/state.ts';
import type { Certificate } from '../../openpgp/certificate.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { JSON_OUTPUT } from '../options.ts';
import type { Switch } from '../options.ts';
import { printable } from '../printable.ts';
import type { Terminal } from '../terminal.ts';
import { hostRings, refuseGlobalSecrets, warnOfProblems } from './keyrings.ts';
import type { PlaceArguments } from './keyrings.ts';
import { keyListing, keyRecord } from './listing.ts';
import { GLOBAL, KEYSDIR, PRIVATE, SECRET, wantsSecret } from './options.ts';
import type { SecretArguments, ShortSwitch, ShortTextFlag } from './options.ts';

export const options: {
  readonly secret: ShortSwitch;
  readonly private: Switch;
  readonly global: ShortSwitch;
  readonly keysdir: ShortTextFlag;
  readonly json: Switch;
} = { secret: SECRET, private: PRIVATE, global: GLOBAL, keysdir: KEYSDIR, json: JSON_OUTPUT };

export interface ListArguments extends PlaceArguments, SecretArguments {
  readonly global: boolean | undefined;
  readonly json: boolean | undefined;
}

/** One keyring to be shown. */
interface Listed {
  readonly path: string;
  readonly keys: readonly { readonly certificate: Certificate; readonly locked?: boolean }[];
}

/** Shows the keys of each keyring that is there, and of the one that new keys would go into. */
export async function run(args: ListArguments, terminal: Terminal): Promise<ExitCode> {
  const secret = wantsSecret(args);
  refuseGlobalSecrets(args, secret);
  const listed = await (secret ? secretLists(args, terminal) : publicLists(args, terminal));
  const now = Date.now() / 1000;
  if (args.json === true) {
    const records = listed.flatMap(({ path, keys }) =>
      keys.map(({ certificate, locked }) => ({
        ...keyRecord(certificateState(certificate, now)),
        ...(locked !== undefined && { locked }),
        keyring: path,
      })),
    );
    await terminal.out(`${JSON.stringify(records)}\n`);
    return EXIT.done;
  }
  let number = 0;
  for (const { path, keys } of listed) {
    await terminal.out(`${secret ? 'Private' : 'Public'} key listing (${printable(path)}):\n\n`);
    for (const { certificate } of keys) {
      await terminal.out(keyListing(number, certificateState(certificate, now)));
      number += 1;
    }
  }
  return EXIT.done;
}

async function publicLists(args: ListArguments, terminal: Terminal): Promise<Listed[]> {
  const lists: Listed[] = [];
  for (const [i, ring] of hostRings(args, terminal).publicRings.entries()) {
    const { certificates, problems } = await ring.read();
    warnOfProblems(ring.path, problems, terminal);
    if (i === 0 || certificates.length > 0) {
      lists.push({ path: ring.path, keys: certificates.map((certificate) => ({ certificate })) });
    }
  }
  return lists;
}

async function secretLists(args: ListArguments, terminal: Terminal): Promise<Listed[]> {
  const lists: Listed[] = [];
  for (const [i, ring] of hostRings(args, terminal).secretRings.entries()) {
    const { keys, problems } = await ring.read();
    warnOfProblems(ring.path, problems, terminal);
    if (i === 0 || keys.length > 0) lists.push({ path: ring.path, keys });
  }
  return lists;
}
