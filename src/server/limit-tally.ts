import type { RequestMeter } from '../http/request-meter.ts';

/** Refusals that come of a configured limit, in the words of "status". */
const LIMITS: ReadonlyMap<number, string> = new Map([
  [413, 'upload size'],
  [429, 'request rate'],
  [431, 'header size'],
]);

/** How often limits were hit since the server started; hands on what is counted to `next`. */
export class LimitTally implements RequestMeter {
  readonly #hit = new Map<string, number>([...LIMITS.values()].map((name) => [name, 0]));
  readonly #next: RequestMeter | undefined;
  readonly now: () => number;

  /** `now` gives milliseconds that never go back. */
  constructor(now: () => number, next?: RequestMeter) {
    this.now = now;
    this.#next = next;
  }

  count(route: string, method: string, status: number, milliseconds: number): void {
    this.#next?.count(route, method, status, milliseconds);
    const limit = LIMITS.get(status);
    if (limit !== undefined) this.#hit.set(limit, (this.#hit.get(limit) ?? 0) + 1);
  }

  /** By what is limited. */
  hit(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#hit);
  }
}
