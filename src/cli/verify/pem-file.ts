import { open } from 'node:fs/promises';
import { MAX_PEM_OCTETS } from '../../integrity/limits.ts';
import { onFile } from '../sif/image-file.ts';

/** A file of keys or certificates that the command line names: whole, or one octet more than is allowed. */
export async function readPem(path: string): Promise<Uint8Array> {
  return onFile(path, 'read', async () => {
    const file = await open(path, 'r');
    try {
      const most = MAX_PEM_OCTETS + 1;
      const { buffer, bytesRead } = await file.read(Buffer.alloc(most), 0, most, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  });
}
