import { say } from './say.ts';
import { version } from './version.ts';

/** The exit code; undefined when there are other words. */
export function quickVersion(words: readonly string[]): number | undefined {
  return words.length === 0 ? say(`vouch ${version()}\n`) : undefined;
}
