import { watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import type { Log } from '../log.ts';

/** Milliseconds after a change in which others are expected: a file is written in several steps. */
const SETTLE = 300;

/**
 * Calls `hint` soon after something changed in one of these folders. A hint only: changes that other hosts make to
 * a shared file system are not noticed, nor those that the kernel's queue had no room for. Returns what stops it.
 */
export function watchFolders(folders: readonly string[], hint: () => void, log: Log): () => void {
  let timer: NodeJS.Timeout | undefined;
  const soon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(hint, SETTLE).unref();
  };
  const watchers = folders.flatMap((folder): FSWatcher[] => {
    try {
      const watcher = watch(folder, { persistent: false }, soon);
      watcher.on('error', (error) =>
        log.debug('a folder is not watched any more', { folder, error: error.message }),
      );
      return [watcher];
    } catch (error) {
      // It is not there, or the kernel watches enough: whoever looks by schedule finds what changed.
      log.debug('a folder is not watched', { folder, error: String(error) });
      return [];
    }
  });
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
}
