import type { ImageReader } from '../admission/image/image-reader.ts';

/** Milliseconds in which one of the threads does something, or answers. */
const PATIENCE = 5000;

/** Whether the threads that read images did anything when they were asked last. */
export class ReaderThreads {
  readonly #images: Pick<ImageReader, 'answers'>;
  #problem: string | undefined;
  #asking: Promise<boolean> | undefined;

  constructor(images: Pick<ImageReader, 'answers'>) {
    this.#images = images;
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  /** Asks them. Questions that overlap are one. */
  answer(): Promise<boolean> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #ask(): Promise<boolean> {
    const answers = await this.#images.answers(PATIENCE);
    this.#problem = answers ? undefined : `none did anything within ${PATIENCE / 1000} seconds`;
    return answers;
  }
}
