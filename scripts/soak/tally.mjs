/* What happened, counted: how long honest clients waited, what attackers were told, how memory went. */

/** @param {readonly number[]} sorted @param {number} part */
const quantile = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0;

export class Tally {
  /** @type {Map<string, number[]>} milliseconds, by what was asked */
  #waits = new Map();
  /** @type {Map<string, Map<string, number>>} by attack, then by what came of it */
  #attacks = new Map();
  /** @type {Map<string, number[]>} MiB, by service */
  #memory = new Map();
  /** @type {string[]} what honest clients were told and should not have been */
  failures = [];

  /** @param {string} what @param {number} milliseconds */
  waited(what, milliseconds) {
    const all = this.#waits.get(what) ?? [];
    this.#waits.set(what, all);
    all.push(milliseconds);
  }

  /** @param {string} attack @param {string} outcome @param {number} [count] */
  attacked(attack, outcome, count = 1) {
    const outcomes = this.#attacks.get(attack) ?? new Map();
    this.#attacks.set(attack, outcomes);
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + count);
  }

  /** @param {string} service @param {number} mebibytes */
  holds(service, mebibytes) {
    const all = this.#memory.get(service) ?? [];
    this.#memory.set(service, all);
    all.push(mebibytes);
  }

  /** @param {string} what */
  failed(what) {
    this.failures.push(what);
  }

  /** @returns {(readonly [attack: string, outcome: string, count: number])[]} */
  outcomes() {
    return [...this.#attacks].flatMap(([attack, all]) =>
      [...all].map(([outcome, count]) => /** @type {const} */ ([attack, outcome, count])),
    );
  }

  waits() {
    return [...this.#waits].map(([what, all]) => {
      const sorted = all.toSorted((a, b) => a - b);
      const [median, most, last] = [quantile(sorted, 0.5), quantile(sorted, 0.99), sorted.at(-1) ?? 0];
      return { what, count: all.length, median, p99: most, most: last };
    });
  }

  attacks() {
    return [...this.#attacks].map(([attack, outcomes]) => {
      const told = [...outcomes].toSorted(([, a], [, b]) => b - a);
      return `${attack}: ${told.map(([outcome, count]) => `${outcome} ${count}`).join(', ')}`;
    });
  }

  /** Medians of the second and of the last fifth of the time: the first one is for warming up. */
  memory() {
    return [...this.#memory].map(([service, all]) => {
      const fifth = Math.max(1, Math.floor(all.length / 5));
      const medianOf = (/** @type {readonly number[]} */ part) =>
        quantile(
          part.toSorted((a, b) => a - b),
          0.5,
        );
      return {
        service,
        early: medianOf(all.slice(fifth, 2 * fifth)),
        late: medianOf(all.slice(-fifth)),
        most: Math.max(...all),
      };
    });
  }
}
