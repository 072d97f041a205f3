import type { AdmitRequest } from '../admission/request.ts';
import { MAX_KNOWN_QUESTIONS, MAX_KNOWN_QUESTION_OCTETS } from './limits.ts';

/**
 * What bodies ask, where one with the same octets was read before: starts of one image ask the same again and again.
 * It follows from the octets and from the settings alone. What has been asked, not what was answered.
 */
export class KnownQuestions {
  readonly #read: (body: Buffer) => AdmitRequest;
  readonly #known = new Map<string, AdmitRequest>();

  /** `read` says what a body asks. */
  constructor(read: (body: Buffer) => AdmitRequest) {
    this.#read = read;
  }

  /** Throws what `read` throws. Begins anew when it is full. */
  of(body: Buffer): AdmitRequest {
    if (body.length > MAX_KNOWN_QUESTION_OCTETS) return this.#read(body);
    const octets = body.toString('latin1');
    const known = this.#known.get(octets);
    if (known !== undefined) return known;
    const question = this.#read(body);
    if (this.#known.size >= MAX_KNOWN_QUESTIONS) this.#known.clear();
    this.#known.set(octets, question);
    return question;
  }
}
