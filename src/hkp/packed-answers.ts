/*
 * Answers by their keys, the bodies one behind the other in large pieces of memory: a buffer of its own for each takes
 * half a kilobyte more.
 */
import { Buffer } from 'node:buffer';
import type { ReadyAnswer } from '../http/ready-answer.ts';
import { AskedBefore } from './asked-before.ts';
import { MAX_READY_ANSWER_OCTETS, READY_PIECE_OCTETS } from './limits.ts';

/** What is kept of an answer besides its body. */
export interface PackedAnswer extends Omit<ReadyAnswer, 'body'> {
  /** What it depends on, for whoever keeps it. */
  readonly terms: readonly string[];
  /** From when until when it is right, in milliseconds since 1970. */
  readonly from: number;
  readonly until: number;
}

/** What an answer takes besides its body: headers, its key and terms, the places in maps. */
const ENTRY_OCTETS = 768;

/**
 * At most so many octets. When they are used up, an answer is kept once it was asked for twice in a short time: of
 * questions that come in any order, few would be asked again before their answers had to make room. The oldest piece
 * makes room for a new one; what was asked for since it came into it is moved into the new one. A piece that was given
 * away is never written again: a body of it may be on its way to a slow client.
 */
export class PackedAnswers {
  readonly #answers = new Map<string, Place>();
  readonly #pieces: Piece[] = [];
  readonly #maxPieces: number;
  readonly #forget: (key: string, answer: PackedAnswer) => void;
  readonly #asked = new AskedBefore();

  /** `forget` is told of each answer that is no longer kept. */
  constructor(octets: number, forget: (key: string, answer: PackedAnswer) => void) {
    this.#maxPieces = Math.max(2, Math.floor(octets / READY_PIECE_OCTETS));
    this.#forget = forget;
  }

  /** The answer when it is right at `now` (milliseconds since 1970). */
  find(key: string, now: number): ReadyAnswer | undefined {
    const place = this.#answers.get(key);
    // A clock that was set back must not bring back what was not so yet.
    if (place === undefined || now < place.answer.from || now >= place.answer.until) return undefined;
    place.asked = true;
    const { type, tag, more } = place.answer;
    return { body: place.body(), type, tag, more };
  }

  has(key: string): boolean {
    return this.#answers.has(key);
  }

  /** Whether the answer is to be added, that has this key and body: asked once each time it was made. */
  wants(key: string, body: Buffer): boolean {
    if (body.length > MAX_READY_ANSWER_OCTETS) return false;
    return this.#pieces.length < this.#maxPieces || this.#asked.before(key);
  }

  /** Keeps an answer that is wanted, in place of that which has the key. */
  add(key: string, body: Buffer, answer: PackedAnswer): void {
    this.delete(key);
    const piece = this.#roomFor(body.length);
    this.#answers.set(key, piece.add(key, body, answer));
  }

  delete(key: string): void {
    const place = this.#answers.get(key);
    if (place === undefined) return;
    this.#answers.delete(key);
    this.#forget(key, place.answer);
  }

  #roomFor(octets: number): Piece {
    const newest = this.#pieces.at(-1);
    if (newest?.hasRoomFor(octets) === true) return newest;
    const piece = new Piece();
    const oldest = this.#pieces.length < this.#maxPieces ? undefined : this.#pieces.shift();
    this.#pieces.push(piece);
    if (oldest !== undefined) this.#clear(oldest, piece);
    return piece;
  }

  #clear(oldest: Piece, newest: Piece): void {
    for (const place of oldest.places) {
      const { key, answer } = place;
      if (this.#answers.get(key) !== place) continue;
      // Half of the new piece is left to what is new.
      const stays = place.asked && newest.hasRoomFor(place.octets + READY_PIECE_OCTETS / 2);
      if (stays) this.#answers.set(key, newest.add(key, place.body(), answer));
      else this.delete(key);
    }
  }
}

class Piece {
  readonly places: Place[] = [];
  /** Octets, with what is kept besides the bodies. */
  #taken = 0;
  readonly #memory = Buffer.allocUnsafeSlow(READY_PIECE_OCTETS);
  #end = 0;

  hasRoomFor(octets: number): boolean {
    return this.#taken + octets + ENTRY_OCTETS <= READY_PIECE_OCTETS;
  }

  add(key: string, body: Buffer, answer: PackedAnswer): Place {
    const octets = body.copy(this.#memory, this.#end);
    const place = new Place(key, answer, this.#memory, { at: this.#end, octets });
    this.#end += octets;
    this.#taken += octets + ENTRY_OCTETS;
    this.places.push(place);
    return place;
  }
}

/** Where a body is. */
class Place {
  readonly key: string;
  readonly answer: PackedAnswer;
  readonly octets: number;
  /** Since it came here. */
  asked = false;
  readonly #memory: Buffer;
  readonly #at: number;

  constructor(key: string, answer: PackedAnswer, memory: Buffer, { at, octets }: Span) {
    this.key = key;
    this.answer = answer;
    this.octets = octets;
    this.#memory = memory;
    this.#at = at;
  }

  body(): Buffer {
    return this.#memory.subarray(this.#at, this.#at + this.octets);
  }
}

interface Span {
  readonly at: number;
  readonly octets: number;
}
