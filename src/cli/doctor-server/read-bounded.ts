import { open } from 'node:fs/promises';
import { CliError } from '../error.ts';
import { onFile } from '../sif/image-file.ts';

/** The text of a file of at most `most` octets. Throws a `CliError`. */
export async function readBounded(path: string, most: number): Promise<string> {
  return onFile(path, 'read', async () => {
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(most + 1), 0, most + 1, 0);
      if (bytesRead > most) throw new CliError('UNREADABLE_FILE', `${path} has more than ${most} octets`);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  });
}
