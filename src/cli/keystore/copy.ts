import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { KeystoreError } from '../../keystore/error.ts';
import type { StoreItem } from '../../keystore/keystore.ts';
import { isPostgresUrl, postgresAddress } from '../../keystore/postgres-address.ts';
import { backupItems } from '../../server/backup/read-backup.ts';
import { copyStore } from '../../server/copy-store.ts';
import type { CopyFacts } from '../../server/copy-store.ts';
import { folderOfStore } from '../../server/keystore-parts.ts';
import { openStore } from '../../server/open-store.ts';
import { CliError } from '../error.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { JSON_OUTPUT } from '../options.ts';
import type { Switch, TextFlag } from '../options.ts';
import { plural } from '../plural.ts';
import type { Terminal } from '../terminal.ts';
import { askServer } from './operate.ts';

/** A type: yargs wants what has an index signature. */
type CopyOptions = { readonly from: TextFlag; readonly to: TextFlag; readonly json: Switch };

export const options: CopyOptions = {
  from: { type: 'string', requiresArg: true, describe: 'level:DIR (as --data names it) or postgres://…' },
  to: { type: 'string', requiresArg: true, describe: 'the same; no store may be there' },
  json: JSON_OUTPUT,
};

export interface CopyArguments {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly json: boolean | undefined;
}

/** One end of a copy. */
interface End {
  /** Folder of everything a server writes; undefined for a database. */
  readonly data: string | undefined;
  /** Of the store: a folder, or the URL of a database. */
  readonly address: string;
  /** Without a password. */
  readonly place: string;
}

/** Copies everything of a store, as of one moment, into a new one, and compares the two. */
export async function run(args: CopyArguments, terminal: Terminal): Promise<ExitCode> {
  const [from, to] = [endOf(args.from, '--from'), endOf(args.to, '--to')];
  const { counts, digest } = await copy(from, to.address);
  if (args.json === true) {
    const shown = { from: from.place, to: to.place, ...counts, sha256: digest };
    await terminal.out(`${JSON.stringify(shown)}\n`);
    return EXIT.done;
  }
  const held = [
    plural(counts.certificates, 'certificate'),
    plural(counts.tombstones, 'tombstone'),
    plural(counts.documents, 'document'),
  ].join(', ');
  await terminal.out(
    `Copied ${held} from ${from.place} to ${to.place}, as of change ${counts.changes}. Both hold the same.\n`,
  );
  return EXIT.done;
}

function endOf(text: string | undefined, flag: string): End {
  if (text === undefined) throw new CliError('USAGE', `${flag} is missing: level:DIR or postgres://…`);
  if (isPostgresUrl(text)) return { data: undefined, address: text, place: postgresAddress(text).place };
  const folder = /^level:(.+)$/s.exec(text)?.[1];
  if (folder === undefined) throw new CliError('USAGE', `${flag} is level:DIR or postgres://…`);
  const data = resolve(folder);
  const address = folderOfStore(data);
  return { data, address, place: address };
}

/** LevelDB lets in one process at a time: what a server holds, the server writes to a file. */
async function copy(from: End, to: string): Promise<CopyFacts> {
  try {
    return await copyStore(itemsAt(from.address), to, Date.now);
  } catch (error) {
    const served = error instanceof KeystoreError && error.code === 'LOCKED' && from.data !== undefined;
    if (!served || from.data === undefined) throw error;
    return copyServed(from.data, to);
  }
}

async function copyServed(data: string, to: string): Promise<CopyFacts> {
  const file = join(data, `copy-${randomUUID()}.backup`);
  try {
    const answer = await askServer({ data, store: undefined }, 'backup', JSON.stringify({ file }));
    if (answer === undefined) {
      throw new KeystoreError(
        'LOCKED',
        `Another command has the keystore in ${data} open; wait for its end.`,
      );
    }
    return await copyStore(backupItems(file), to, Date.now);
  } finally {
    await rm(file, { force: true });
  }
}

async function* itemsAt(address: string): AsyncGenerator<StoreItem> {
  const { keystore } = await openStore(address, { now: Date.now, create: false });
  try {
    yield* keystore.items();
  } finally {
    await keystore.close();
  }
}
