import { architectureName, UNKNOWN_ARCHITECTURE } from '../../sif/architecture.ts';
import type { SifHeader } from '../../sif/header.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { JSON_OUTPUT } from '../options.ts';
import type { Switch } from '../options.ts';
import { printable } from '../printable.ts';
import { asWritten } from '../standard-stream.ts';
import type { Terminal } from '../terminal.ts';
import { withImage } from './image-file.ts';
import { isoTime, timeText } from './time-text.ts';

export const options: { readonly json: Switch } = { json: JSON_OUTPUT };

const NO_UUID = '00000000-0000-0000-0000-000000000000';

/** Shows the global header as siftool does. */
export async function run(
  { image: path, json }: { image: string; json: boolean | undefined },
  terminal: Terminal,
): Promise<ExitCode> {
  await withImage(asWritten(path), async ({ header }) => {
    await terminal.out(json === true ? `${JSON.stringify(describeHeader(header))}\n` : headerText(header));
  });
  return EXIT.done;
}

function headerText(header: SifHeader): string {
  const architecture = architectureName(header.architecture);
  const rows: readonly (readonly [string, string | number | undefined])[] = [
    [
      'Launch Script',
      header.launchScript === '' ? undefined : printable(header.launchScript.replace(/\n$/, '')),
    ],
    ['Version', header.version],
    ['Primary Architecture', architecture === UNKNOWN_ARCHITECTURE ? undefined : architecture],
    ['ID', header.uuid === NO_UUID ? undefined : header.uuid],
    ['Created At', timeText(header.created)],
    ['Modified At', timeText(header.modified)],
    ['Descriptors Free', header.freeSlots],
    ['Descriptors Total', header.slots],
    ['Descriptors Offset', header.tableOffset],
    ['Descriptors Size', readableSize(header.tableSize)],
    ['Data Offset', header.dataOffset],
    ['Data Size', readableSize(header.dataSize)],
  ];
  const shown = rows.filter(([, value]) => value !== undefined);
  const width = Math.max(...shown.map(([label]) => label.length)) + 2;
  return shown.map(([label, value]) => `${`${label}:`.padEnd(width)}${value}\n`).join('');
}

function describeHeader(header: SifHeader): Record<string, unknown> {
  const architecture = architectureName(header.architecture);
  return {
    launchScript: header.launchScript,
    version: header.version,
    primaryArchitecture: architecture === UNKNOWN_ARCHITECTURE ? null : architecture,
    id: header.uuid,
    created: isoTime(header.created),
    modified: isoTime(header.modified),
    descriptorsFree: header.freeSlots,
    descriptorsTotal: header.slots,
    descriptorsOffset: header.tableOffset,
    descriptorsSize: header.tableSize,
    dataOffset: header.dataOffset,
    dataSize: header.dataSize,
  };
}

/** In the largest unit that leaves at least 1, rounded to a whole number, as siftool does. */
function readableSize(octets: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];
  let unit = 0;
  for (let left = octets; left >= 1024; left = Math.floor(left / 1024)) unit += 1;
  return `${Math.round(octets / 1024 ** unit)} ${units[unit]}`;
}
