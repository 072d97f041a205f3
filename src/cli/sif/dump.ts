import { objectOf } from '../../sif/change-image.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { progress } from '../progress.ts';
import { asWritten } from '../standard-stream.ts';
import type { Terminal } from '../terminal.ts';
import { objectId, withImage } from './image-file.ts';

/** Writes the content of one data object to stdout. */
export async function run(
  { id, image: path }: { id: string; image: string },
  terminal: Terminal,
): Promise<ExitCode> {
  const wanted = objectId(id);
  await withImage(asWritten(path), async (image) => {
    const descriptor = objectOf(image, wanted);
    const bar = progress(terminal, descriptor.size, Date.now);
    let done = 0;
    try {
      for await (const piece of image.data(descriptor)) {
        // stdout may hold on to it, and the next piece comes in its place.
        await terminal.out(piece.slice());
        done += piece.length;
        bar.update(done, `object ${wanted}`);
      }
    } finally {
      bar.end();
    }
  });
  return EXIT.done;
}
