import type { Certificate } from '../../openpgp/certificate.ts';
import { HkpClientError } from '../../hkp/client/error.ts';

/** A keystore as far as it is asked here: `HkpClient`. */
export interface AskedKeystore {
  readonly name: string;
  get(id: string): Promise<readonly Certificate[]>;
}

/** Keys asked for in one run. An image names one or two; a hostile one could name thousands. */
export const MAX_QUESTIONS = 32;

/**
 * Asks keystores for keys, each key once and all keystores for it, since one may know a revocation that the
 * others do not. A keystore that fails is a warning, and remembered: it leaves open what it knows.
 */
export class KeystoreQuestions {
  readonly #keystores: readonly AskedKeystore[];
  readonly #warn: (text: string) => void;
  readonly #answers = new Map<string, Promise<readonly Certificate[]>>();
  readonly #silent = new Set<AskedKeystore>();
  #complete = true;

  constructor(keystores: readonly AskedKeystore[], warn: (text: string) => void) {
    this.#keystores = keystores;
    this.#warn = warn;
  }

  /** False once a question was not answered, so that "no such key" is not certain. */
  get complete(): boolean {
    return this.#complete;
  }

  /** Certificates with this key, of all keystores that answer; none when there are none. */
  get(id: string): Promise<readonly Certificate[]> {
    const before = this.#answers.get(id);
    if (before !== undefined || this.#keystores.length === 0) return before ?? Promise.resolve([]);
    if (this.#answers.size >= MAX_QUESTIONS) {
      if (this.#complete)
        this.#warn(`more than ${MAX_QUESTIONS} keys are named; not all of them are asked for`);
      this.#complete = false;
      return Promise.resolve([]);
    }
    const answer = Promise.all(this.#keystores.map((one) => this.#ask(one, id))).then((all) => all.flat());
    this.#answers.set(id, answer);
    return answer;
  }

  async #ask(keystore: AskedKeystore, id: string): Promise<readonly Certificate[]> {
    // Each question to a keystore that is down would take its whole time.
    if (this.#silent.has(keystore)) return [];
    try {
      return await keystore.get(id);
    } catch (error) {
      if (!(error instanceof HkpClientError)) throw error;
      this.#complete = false;
      const down = error.code === 'UNREACHABLE' || error.code === 'TIMEOUT';
      if (!this.#silent.has(keystore)) {
        this.#warn(`cannot ask for key ${id}, and whether it is revoked: ${error.message}`);
      }
      if (down) this.#silent.add(keystore);
      return [];
    }
  }
}
