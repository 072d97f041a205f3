/* Keys in a file that somebody names: armored or binary, public or secret, one or several. */
import { open } from 'node:fs/promises';
import { dearmor } from '../../openpgp/armor.ts';
import { MAX_UPLOAD_OCTETS } from '../../openpgp/limits.ts';
import { CliError } from '../error.ts';

/** Armor makes a keyring longer by about 37 %, text around it by some more. */
const MAX_FILE_OCTETS = 2 * MAX_UPLOAD_OCTETS;

/** The keyring in a file, its armor taken off; `-` is standard input. Throws a `CliError` or an `OpenPgpError`. */
export async function readKeyFile(path: string): Promise<Uint8Array> {
  const octets = path === '-' ? await readAll(process.stdin, 'standard input') : await readNamed(path);
  // RFC 9580 §4.2: the first bit of a packet is set, which no character of armor has.
  if (((octets[0] ?? 0) & 0x80) !== 0) return octets;
  return Buffer.concat(dearmor(octets).map(({ data }) => data));
}

async function readNamed(path: string): Promise<Buffer> {
  try {
    const file = await open(path, 'r');
    try {
      return await readAll(file.createReadStream({ autoClose: false }), path);
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    const absent = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    if (absent) throw new CliError('NO_SUCH_FILE', `there is no file ${path}`, { cause });
    throw new CliError('UNREADABLE_FILE', `cannot read ${path}`, { cause });
  }
}

async function readAll(stream: AsyncIterable<Buffer | string>, name: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let octets = 0;
  for await (const chunk of stream) {
    chunks.push(Buffer.from(chunk));
    octets += chunk.length;
    if (octets > MAX_FILE_OCTETS) {
      throw new CliError(
        'UNREADABLE_FILE',
        `${name} is larger than ${MAX_FILE_OCTETS} octets, which no key is; import keys one by one`,
      );
    }
  }
  return Buffer.concat(chunks);
}
