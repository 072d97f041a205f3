/** A process as far as its signals go; `process` is one. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: () => void): unknown;
  off(signal: NodeJS.Signals, listener: () => void): unknown;
}

/** What asks a process to stop, with its number: shells report 128 more for one that died of it. */
const STOP_SIGNALS: ReadonlyMap<NodeJS.Signals, number> = new Map([
  ['SIGINT', 2],
  ['SIGTERM', 15],
]);

export interface StopSignal {
  /** The first signal that asked to stop. */
  readonly received: Promise<NodeJS.Signals>;
  /** Stops listening: the next signal does what it does by default. */
  release(): void;
}

/**
 * Waits for SIGTERM or SIGINT. A second one means that whoever sent it will not wait for the requests in
 * flight: `abandon` is called with the exit code and must end the process.
 */
export function stopSignal(source: SignalSource, abandon: (exitCode: number) => void): StopSignal {
  const listeners = new Map<NodeJS.Signals, () => void>();
  const received = new Promise<NodeJS.Signals>((resolve) => {
    let asked = false;
    for (const [signal, number] of STOP_SIGNALS) {
      const listener = (): void => {
        if (asked) abandon(128 + number);
        asked = true;
        resolve(signal);
      };
      listeners.set(signal, listener);
      source.on(signal, listener);
    }
  });
  return {
    received,
    release: () => listeners.forEach((listener, signal) => source.off(signal, listener)),
  };
}
