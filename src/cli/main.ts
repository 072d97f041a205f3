#!/usr/bin/env node
/* Imports as little as it can: what a command needs is imported when it is chosen. */
import { version } from './version.ts';

// `vouch dump | head`: the reader has what it wanted. Any other fault of stdout is a fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 74);
});
process.stderr.on('error', () => undefined);

const words = process.argv.slice(2);
if (words.length === 1 && words[0] === '--version') {
  process.stdout.write(`vouch ${version()}\n`);
} else {
  process.exitCode = (await quickly()) ?? (await (await import('./run.ts')).run(words));
}

async function quickly(): Promise<number | undefined> {
  if (words[0] === 'serve') return (await import('./quick-serve.ts')).quickServe(words.slice(1));
  if (words[0] !== 'verify') return undefined;
  return (await import('./quick-verify.ts')).quickVerify(words.slice(1));
}
