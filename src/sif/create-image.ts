import { randomUUID } from 'node:crypto';
import { link, open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fromHex } from '../bytes/hex.ts';
import { appendObject } from './append-object.ts';
import { syncFolder } from './disk.ts';
import { SifError } from './error.ts';
import { Head } from './head.ts';
import { NO_TIME, TABLE_OFFSET, TABLE_SLOTS } from './layout.ts';
import { MAX_DESCRIPTORS, MAX_LAUNCH_SCRIPT_OCTETS } from './limits.ts';
import type { ObjectInput } from './object-input.ts';
import { writeOctets } from './write-octets.ts';

export interface CreateOptions {
  /** Unix seconds. */
  readonly now: number;
  /** No UUID and no times: the same input gives the same octets. */
  readonly deterministic?: boolean;
  /** With or without dashes; a random one (version 4) when not given. */
  readonly uuid?: string;
  /** At most 31 octets of UTF-8. */
  readonly launchScript?: string;
  /** Slots of the descriptor table; 48 when not given. */
  readonly slots?: number;
  /** Puts the new image in the place of a file that is there; else `EEXIST`. */
  readonly replace?: boolean;
}

const NO_UUID = '0'.repeat(32);
/** What the reference library gives images: they can be run. The process's umask takes its part. */
const MODE = 0o755;

/**
 * Makes an image with the objects in the order given. It gets its name when it is whole and on the disk. Throws
 * `BAD_INPUT`, `TABLE_FULL`, errors of the system, and what the contents throw; nothing is then left.
 */
export async function createSif(
  path: string,
  inputs: readonly ObjectInput[],
  options: CreateOptions,
): Promise<void> {
  const head = emptyHead(options);
  const part = join(dirname(path), `.${basename(path)}.${randomUUID()}.part`);
  const file = await open(part, 'wx+', MODE);
  try {
    await writeImage(file, head, inputs, options.deterministic === true ? NO_TIME : options.now);
    // A rename would replace what is there; a link does not.
    await (options.replace === true ? rename(part, path) : link(part, path));
  } finally {
    await file.close();
    await rm(part, { force: true });
  }
  await syncFolder(dirname(path));
}

async function writeImage(
  file: FileHandle,
  head: Head,
  inputs: readonly ObjectInput[],
  time: number,
): Promise<void> {
  for (const input of inputs) await appendObject(file, head, input, time);
  await writeOctets(file, head.table, head.tableOffset);
  await writeOctets(file, head.header, 0);
  await file.sync();
}

function emptyHead(options: CreateOptions): Head {
  const { now, deterministic = false, launchScript = '', slots = TABLE_SLOTS } = options;
  const script = Buffer.from(launchScript);
  if (script.length > MAX_LAUNCH_SCRIPT_OCTETS) {
    throw new SifError(
      'BAD_INPUT',
      `a launch script of ${script.length} octets; at most ${MAX_LAUNCH_SCRIPT_OCTETS} fit`,
    );
  }
  if (!Number.isSafeInteger(slots) || slots < 0 || slots > MAX_DESCRIPTORS) {
    throw new SifError('BAD_INPUT', `${slots} descriptors are not possible; at most ${MAX_DESCRIPTORS}`);
  }
  const uuid = uuidOctets(options.uuid ?? (deterministic ? NO_UUID : randomUUID()));
  const time = deterministic ? NO_TIME : now;
  return Head.empty({ launchScript: script, uuid, time, tableOffset: TABLE_OFFSET, slots });
}

function uuidOctets(uuid: string): Uint8Array {
  const octets = fromHex(uuid.replaceAll('-', ''));
  if (octets?.length !== 16) throw new SifError('BAD_INPUT', `${JSON.stringify(uuid)} is not a UUID`);
  return octets;
}
