import type { FileHandle } from 'node:fs/promises';
import { CHUNK } from './limits.ts';

/** Writes all of `octets` at `position`: one write of the system may take less. */
export async function writeOctets(file: FileHandle, octets: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < octets.length;) {
    const { bytesWritten } = await file.write(octets, done, octets.length - done, position + done);
    done += bytesWritten;
  }
}

/** Overwrites `size` octets at `offset` with zeros, in bounded memory. */
export async function clearOctets(file: FileHandle, offset: number, size: number): Promise<void> {
  const zeros = new Uint8Array(Math.min(CHUNK, size));
  for (let done = 0; done < size;) {
    const piece = zeros.subarray(0, Math.min(CHUNK, size - done));
    await writeOctets(file, piece, offset + done);
    done += piece.length;
  }
}
