import { EVIDENCE_VERSION } from '../../integrity/evidence.ts';
import type { ImageEvidence } from '../../integrity/evidence.ts';
import { LatelyUsed } from '../lately-used.ts';
import { MAX_EVIDENCE_OCTETS_IN_MEMORY, MAX_KEPT_EVIDENCE_OCTETS } from '../limits.ts';
import type { Table } from '../table.ts';

/** Evidence by the digest of the content: on disk, and what was used last in memory. Old content makes room. */
export class KeptEvidence {
  readonly #table: Table<ImageEvidence>;
  readonly #kept = new Sizes(MAX_KEPT_EVIDENCE_OCTETS);
  readonly #near = new Sizes(MAX_EVIDENCE_OCTETS_IN_MEMORY);
  readonly #memory = new Map<string, ImageEvidence>();

  private constructor(table: Table<ImageEvidence>) {
    this.#table = table;
  }

  /** Forgets evidence whose fields mean something else now. */
  static async open(table: Table<ImageEvidence>): Promise<KeptEvidence> {
    const evidence = new KeptEvidence(table);
    const old: string[] = [];
    for await (const [sha256, one] of table.entries()) {
      if (one.version === EVIDENCE_VERSION) old.push(...evidence.#kept.use(sha256, octetsOf(one)));
      else old.push(sha256);
    }
    for (const sha256 of old) await table.delete(sha256);
    return evidence;
  }

  /** What is in memory. */
  near(sha256: string): ImageEvidence | undefined {
    const near = this.#memory.get(sha256);
    if (near !== undefined) this.#near.touch(sha256);
    return near;
  }

  async get(sha256: string): Promise<ImageEvidence | undefined> {
    const near = this.near(sha256);
    if (near !== undefined) return near;
    const kept = await this.#table.get(sha256);
    if (kept?.version !== EVIDENCE_VERSION) return undefined;
    this.#remember(kept);
    return kept;
  }

  async keep(evidence: ImageEvidence): Promise<void> {
    this.#remember(evidence);
    const old = this.#kept.use(evidence.sha256, octetsOf(evidence));
    await this.#table.put(evidence.sha256, evidence);
    for (const sha256 of old) await this.#table.delete(sha256);
  }

  #remember(evidence: ImageEvidence): void {
    this.#memory.set(evidence.sha256, evidence);
    for (const sha256 of this.#near.use(evidence.sha256, octetsOf(evidence))) this.#memory.delete(sha256);
  }
}

/** Sizes of what was used, in the order of use. */
class Sizes {
  readonly #most: number;
  readonly #sizes = new LatelyUsed<number>();
  #sum = 0;

  constructor(most: number) {
    this.#most = most;
  }

  touch(key: string): void {
    this.#sizes.get(key);
  }

  /** Returns what was not used for longest and has no room any more. */
  use(key: string, size: number): string[] {
    this.#sum += size - (this.#sizes.peek(key) ?? 0);
    this.#sizes.set(key, size);
    const old: string[] = [];
    while (this.#sum > this.#most) {
      const { oldest } = this.#sizes;
      if (oldest === undefined || oldest === key) break;
      this.#sum -= this.#sizes.peek(oldest) ?? 0;
      this.#sizes.delete(oldest);
      old.push(oldest);
    }
    return old;
  }
}

/** About what it takes as JSON: messages have nearly all of it. */
function octetsOf({ objects, signatures, strayObjects }: ImageEvidence): number {
  const list = 100 * (objects.length + strayObjects.length);
  return signatures.reduce(
    (sum, { message = '', covers }) => sum + message.length + 300 + 5 * covers.length,
    400 + list,
  );
}
