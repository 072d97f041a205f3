/*
 * Which code an input reached, from V8's own block counters: no instrumented build, no native addon. Jazzer.js would
 * know it more finely; its binary needs a newer C library than Debian 12 has.
 */
import { Session } from 'node:inspector';

/** Counts in which a loop ran are told apart by powers of two, up to this one. */
const MOST_DOUBLINGS = 8;

/** What the program is made of, and the parser whose errors it passes on. */
const WATCHED = [new URL('../../build/', import.meta.url).href, '/node_modules/smol-toml/'];

export class Coverage {
  #session = new Session();
  /** @type {Set<string>} */
  #seen = new Set();

  /** Call it before the code in question is loaded: functions get their counters when they are compiled. */
  constructor() {
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** Blocks and counts reached since the last call that were never reached before. */
  news() {
    const before = this.#seen.size;
    for (const { url, functions } of this.#taken()) {
      if (!WATCHED.some((part) => url.includes(part))) continue;
      for (const { ranges } of functions) {
        for (const { startOffset, endOffset, count } of ranges) {
          const times = Math.min(Math.ceil(Math.log2(count + 1)), MOST_DOUBLINGS);
          if (count > 0) this.#seen.add(`${url} ${startOffset} ${endOffset} ${times}`);
        }
      }
    }
    return this.#seen.size - before;
  }

  /** @returns {import('node:inspector').Profiler.ScriptCoverage[]} */
  #taken() {
    /** @type {import('node:inspector').Profiler.ScriptCoverage[]} */
    let taken = [];
    // Within one thread the inspector answers before `post` returns.
    this.#session.post('Profiler.takePreciseCoverage', (error, answer) => {
      if (error) throw error;
      taken = answer.result;
    });
    return taken;
  }
}
