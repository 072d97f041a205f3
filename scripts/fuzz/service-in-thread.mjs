/* What lets a whole service run in a thread of the fuzzer. */

/** A thread cannot set it: sockets get the mode that the process gives them, which nobody here depends on. */
export function leaveUmask() {
  const mask = process.umask();
  process.umask = () => mask;
}

/** A log that takes nothing but errors: nothing that comes in from outside is one of the service. */
export function recordErrors() {
  /** @type {string[]} */
  const lines = [];
  const silent = () => undefined;
  return {
    log: {
      debug: silent,
      info: silent,
      warn: silent,
      error: (/** @type {string} */ message, /** @type {object} */ fields = {}) => {
        lines.push(`${message} ${JSON.stringify(fields)}`);
      },
    },
    /** Throws what was recorded since the last call. */
    refuse: () => {
      const [first] = lines.splice(0);
      if (first !== undefined)
        throw new Error(`broken promise: no input is an error of the service: ${first}`);
    },
  };
}
