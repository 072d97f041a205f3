/**
 * One line for each check, as it happens. `strict`: a skip counts as a failure.
 *
 * @param {{ strict: boolean }} options
 */
export function createReport({ strict }) {
  const counts = { ok: 0, failed: 0, skipped: 0 };

  /**
   * @param {string} mark
   * @param {string} client
   * @param {string} what
   * @param {string} seen
   */
  const line = (mark, client, what, seen) => {
    console.log(`${mark.padEnd(4)}  ${client.padEnd(9)}  ${what}${seen === '' ? '' : `: ${oneLine(seen)}`}`);
  };

  return {
    /**
     * Runs one check. It returns what was seen, or throws.
     *
     * @param {string} client
     * @param {string} what
     * @param {() => Promise<string>} look
     */
    async check(client, what, look) {
      try {
        line('ok', client, what, await look());
        counts.ok += 1;
      } catch (error) {
        line('FAIL', client, what, error instanceof Error ? error.message : String(error));
        counts.failed += 1;
      }
    },

    /**
     * @param {string} client
     * @param {string} reason
     */
    skip(client, reason) {
      line(strict ? 'FAIL' : 'skip', client, 'not tried', reason);
      counts[strict ? 'failed' : 'skipped'] += 1;
    },

    /** Prints the sum; returns the exit code. */
    finish() {
      console.log(`\n${counts.ok} ok, ${counts.failed} failed, ${counts.skipped} skipped`);
      return counts.failed === 0 && counts.ok > 0 ? 0 : 1;
    },
  };
}

/** @typedef {ReturnType<typeof createReport>} Report */

/** @param {string} text */
function oneLine(text) {
  const line = text.trim().replaceAll(/\s*\n\s*/g, ' | ');
  return line.length > 400 ? `${line.slice(0, 400)}…` : line;
}

/**
 * @param {unknown} condition
 * @param {string} message
 * @returns {asserts condition}
 */
export function expect(condition, message) {
  if (!condition) throw new Error(message);
}
