import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Keystore } from '../../keystore/keystore.ts';
import { FORMAT } from '../../keystore/row-layout.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { STORE_OPTIONS } from '../options.ts';
import type { StoreArguments, StoreOptions } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import { namedStore, onHeldKeystore } from './store.ts';

export const options: StoreOptions = STORE_OPTIONS;

/** Says how much is held and since when. */
export async function run(args: StoreArguments, terminal: Terminal): Promise<ExitCode> {
  const { folder } = namedStore(args);
  const status = await onHeldKeystore(folder, async (keystore) => {
    const { certificates, sequence } = await keystore.status();
    const lastChange = await lastChangeTime(keystore, sequence);
    return {
      folder,
      format: FORMAT,
      certificates,
      changes: sequence,
      lastChange,
      octets: await octetsOf(folder),
    };
  });
  if (args.json === true) await terminal.out(`${JSON.stringify(status)}\n`);
  else {
    const rows: readonly (readonly [string, string | number])[] = [
      ['Store', folder],
      ['Format', status.format],
      ['Certificates', status.certificates],
      ['Changes', status.changes],
      ['Last change', status.lastChange ?? 'none yet'],
      ['Size', readable(status.octets)],
    ];
    await terminal.out(rows.map(([name, value]) => `${`${name}:`.padEnd(14)}${value}\n`).join(''));
  }
  return EXIT.done;
}

/** ISO 8601, UTC; null in a store that never changed. */
async function lastChangeTime(keystore: Keystore, sequence: number): Promise<string | null> {
  if (sequence === 0) return null;
  for await (const { time } of keystore.changes(sequence - 1)) return new Date(time).toISOString();
  return null;
}

/** Of all files in the folder. LevelDB makes and removes some at any time. */
async function octetsOf(folder: string): Promise<number> {
  const sizes = await Promise.all(
    (await readdir(folder)).map((name) =>
      stat(join(folder, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

function readable(octets: number): string {
  let value = octets;
  let unit = 0;
  for (; value >= 1024 && unit < UNITS.length - 1; unit += 1) value /= 1024;
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}
