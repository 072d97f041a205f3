/*
 * Cuts a stream of octets into certificates, holding one of them at a time. Only packet headers are read;
 * what is in a packet is checked by whoever stores it.
 */
import { concatBytes } from '../../bytes/compare.ts';
import { OpenPgpError } from '../../openpgp/error.ts';
import { PUBLIC_KEY, readPacketHeader, SECRET_KEY } from '../../openpgp/packet.ts';
import type { PacketHeader } from '../../openpgp/packet.ts';
import type { DumpPiece, UnreadablePiece } from './dump-piece.ts';
import { MAX_DUMPED_CERTIFICATE, MAX_DUMPED_PACKET } from './limits.ts';
import { findPrimaryKey, SEARCH_OCTETS } from './primary-key-search.ts';

export interface SplitterLimits {
  /** Octets of one certificate. */
  readonly certificate: number;
  /** Octets of one packet's body. */
  readonly packet: number;
}

type Fault = Pick<UnreadablePiece, 'code' | 'reason'>;

export class CertificateSplitter {
  readonly #limits: SplitterLimits;
  /** What is held of the keyring, from `#base` on. */
  #held: Uint8Array = new Uint8Array();
  #base: number;
  /** Where the piece under way begins. */
  #start: number;
  /** Where the next packet header begins; past the end of `#held` when a body is still to come. */
  #at: number;
  /** Why the octets from `#start` on are passed over; undefined when they are being kept. */
  #fault: Fault | undefined;
  /** Whether the framing is lost, and the next primary key has to be searched for. */
  #lost = false;

  /** `offset` is the place of the first octet in the keyring. */
  constructor(
    offset = 0,
    limits: SplitterLimits = { certificate: MAX_DUMPED_CERTIFICATE, packet: MAX_DUMPED_PACKET },
  ) {
    this.#limits = limits;
    this.#base = offset;
    this.#start = offset;
    this.#at = offset;
  }

  /** Takes the next octets and gives the pieces that are complete now. */
  *push(octets: Uint8Array): Generator<DumpPiece> {
    this.#held = this.#held.length === 0 ? octets : concatBytes([this.#held, octets]);
    yield* this.#scan(false);
  }

  /**
   * Gives what is left: no more octets follow, or the next ones begin anew, as after a block of armor.
   * `fault` is why they ended when they should not have.
   */
  *end(fault?: Fault): Generator<DumpPiece> {
    yield* this.#scan(true);
    yield* this.#finish(this.#endOfHeld);
    this.#lost = false;
    this.#forget();
    if (fault !== undefined) {
      yield { kind: 'unreadable', ...fault, offset: this.#start, end: this.#start };
    }
  }

  get #endOfHeld(): number {
    return this.#base + this.#held.length;
  }

  *#scan(ending: boolean): Generator<DumpPiece> {
    for (;;) {
      if (this.#lost && !this.#recover(ending)) break;
      if (this.#at >= this.#endOfHeld) break;
      const header = this.#header(ending);
      if (header === undefined) break;
      if (header instanceof OpenPgpError) {
        yield* this.#lose(header.message);
        continue;
      }
      if (header.tag === PUBLIC_KEY || header.tag === SECRET_KEY) yield* this.#finish(this.#at);
      this.#at += header.headerLength + header.bodyLength;
      if (this.#fault === undefined && this.#at - this.#start > this.#limits.certificate) {
        const reason = `a certificate of more than ${this.#limits.certificate} octets`;
        this.#fault = { code: 'CERTIFICATE_TOO_LARGE', reason };
      }
    }
    this.#forget();
  }

  /** The header at `#at`; undefined: wait for more octets; an error: there is no packet. */
  #header(ending: boolean): PacketHeader | OpenPgpError | undefined {
    try {
      const header = readPacketHeader(this.#held, this.#at - this.#base);
      if (header === undefined) return ending ? cutOff(this.#at) : undefined;
      if (header.bodyLength > this.#limits.packet) {
        return new OpenPgpError('BAD_PACKET', `a packet of ${header.bodyLength} octets at octet ${this.#at}`);
      }
      const end = this.#at + header.headerLength + header.bodyLength;
      if (end <= this.#endOfHeld) return header;
      return ending ? cutOff(this.#at) : undefined;
    } catch (error) {
      if (!(error instanceof OpenPgpError)) throw error;
      return new OpenPgpError('BAD_PACKET', `no OpenPGP packet begins at octet ${this.#at}`, {
        cause: error,
      });
    }
  }

  /** From here on there is no telling where packets begin. What came before is a piece of its own. */
  *#lose(reason: string): Generator<DumpPiece> {
    yield* this.#finish(this.#at);
    this.#fault = { code: 'BAD_PACKET', reason };
    this.#lost = true;
    this.#at += 1;
  }

  /** Moves `#at` to the next primary key. False: there is none in what is held. */
  #recover(ending: boolean): boolean {
    // Near the end of what is held a key cannot be told from chance; the octets to come decide.
    const until = ending ? this.#held.length : this.#held.length - SEARCH_OCTETS;
    const found = findPrimaryKey(this.#held, this.#at - this.#base, until);
    this.#lost = found === undefined;
    this.#at = Math.max(this.#at, this.#base + (found ?? until));
    return found !== undefined;
  }

  /** Gives the octets from `#start` to `end` as a piece; the next one begins there. */
  *#finish(end: number): Generator<DumpPiece> {
    const offset = this.#start;
    if (end > offset) {
      yield this.#fault === undefined
        ? {
            kind: 'certificate',
            bytes: this.#held.subarray(offset - this.#base, end - this.#base),
            offset,
            end,
          }
        : { kind: 'unreadable', ...this.#fault, offset, end };
    }
    this.#start = end;
    this.#at = Math.max(this.#at, end);
    this.#fault = undefined;
  }

  /** Drops octets that are not needed any more: all before the piece under way, or before `#at` when it is lost. */
  #forget(): void {
    const keep = this.#fault === undefined ? this.#start : Math.min(this.#at, this.#endOfHeld);
    this.#held = this.#held.subarray(keep - this.#base);
    this.#base = keep;
  }
}

function cutOff(at: number): OpenPgpError {
  return new OpenPgpError('BAD_PACKET', `the packet at octet ${at} is cut off`);
}
