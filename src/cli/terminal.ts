/** Where a command writes: its results to stdout, everything else to stderr. */
export interface Terminal {
  /** Resolves when the reader has taken enough for more to be written. */
  out(chunk: string | Uint8Array): Promise<void>;
  err(text: string): void;
  /** Whether someone is watching stderr: progress is drawn for them only. */
  readonly watched: boolean;
  /** Characters on a line of stderr. */
  readonly columns: number;
}

export function processTerminal(): Terminal {
  const { stdout, stderr } = process;
  // `vouch dump | head`: the reader has what it wanted. Any other fault of stdout is a fault.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 0 : 74);
  });
  stderr.on('error', () => undefined);
  return {
    out: (chunk) =>
      stdout.write(chunk) ? Promise.resolve() : new Promise((resolve) => stdout.once('drain', resolve)),
    err: (text) => void stderr.write(text),
    watched: stderr.isTTY,
    columns: stderr.columns ?? 80,
  };
}
