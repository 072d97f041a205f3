import { mkdir, readdir } from 'node:fs/promises';
import { Level } from 'level';
import { droppedOctets } from '../keystore/dropped-octets.ts';
import { AdmissionError } from './error.ts';
import type { StateDb, Table } from './table.ts';

/** Opens or makes the daemon's own database in `folder`. Throws `LOCKED` and `STATE_UNUSABLE`. */
export async function openStateDb(folder: string): Promise<StateDb> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await refuseHeadless(folder);
  const level = new Level<string, unknown>(folder, { valueEncoding: 'json' });
  try {
    await level.open();
  } catch (cause) {
    throw openingFailure(folder, cause);
  }
  return {
    table: <Value>(name: string): Table<Value> => {
      const rows = level.sublevel<string, Value>(name, { valueEncoding: 'json' });
      return {
        get: (key) => rows.get(key),
        put: (key, value, { sync = false } = {}) =>
          level.batch([{ type: 'put', sublevel: rows, key, value }], { sync }),
        delete: (key) => rows.del(key),
        entries: (from = '') => rows.iterator({ gte: from }),
      };
    },
    dropped: await droppedOctets(folder),
    close: () => level.close(),
  };
}

/** LevelDB would begin anew where its file CURRENT is gone, and with the rest delete every revocation that was seen. */
async function refuseHeadless(folder: string): Promise<void> {
  const names = await readdir(folder);
  if (names.includes('CURRENT') || !names.some((name) => /\.(?:ldb|log)$/.test(name))) return;
  throw new AdmissionError(
    'STATE_UNUSABLE',
    `the state in ${folder} has lost its file CURRENT; put back a copy of the folder, or move it away to begin anew`,
  );
}

function openingFailure(folder: string, cause: unknown): AdmissionError {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  if (inner instanceof Error && 'code' in inner && inner.code === 'LEVEL_LOCKED') {
    const message = `another daemon uses the state in ${folder}; stop it or name another folder`;
    return new AdmissionError('LOCKED', message, { cause });
  }
  const reason = inner instanceof Error ? inner.message : String(inner);
  return new AdmissionError('STATE_UNUSABLE', `the state in ${folder} cannot be opened: ${reason}`, {
    cause,
  });
}
