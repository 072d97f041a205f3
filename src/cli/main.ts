#!/usr/bin/env node
/* Imports as little as it can: what a command needs is imported when it is chosen. */

/** Commands that are asked for often, or stay for long, and are understood without yargs when their words are plain. */
const QUICK: Readonly<Record<string, (words: readonly string[]) => Promise<number | undefined>>> = {
  admit: async (words) => (await import('./quick-admit.ts')).quickAdmit(words),
  daemon: async (words) => (await import('./quick-daemon.ts')).quickDaemon(words),
  keystore: async (words) => (await import('./quick-load.ts')).quickLoad(words),
  serve: async (words) => (await import('./quick-serve.ts')).quickServe(words),
  verify: async (words) => (await import('./quick-verify.ts')).quickVerify(words),
  '--version': async (words) => (await import('./quick-version.ts')).quickVersion(words),
};

async function main(words: readonly string[]): Promise<number> {
  const [command = ''] = words;
  // Before the program is loaded, which makes many objects.
  if (command === 'serve' || command === 'daemon') {
    const { keepHeapSmall } = await import('../service/small-heap.ts');
    keepHeapSmall();
  }
  const quick = Object.hasOwn(QUICK, command) ? QUICK[command] : undefined;
  return (await quick?.(words.slice(1))) ?? (await import('./run.ts')).run(words);
}

void main(process.argv.slice(2)).then((exitCode) => {
  process.exitCode = exitCode;
});
