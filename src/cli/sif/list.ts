import { DATA_TYPE, dataTypeName } from '../../sif/data-type.ts';
import type { Descriptor, Link } from '../../sif/descriptor.ts';
import { describeExtra } from '../../sif/extra.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { JSON_OUTPUT } from '../options.ts';
import type { Switch } from '../options.ts';
import { asWritten } from '../standard-stream.ts';
import type { Terminal } from '../terminal.ts';
import { describeObject } from './describe-object.ts';
import { withImage } from './image-file.ts';

export const options: { readonly json: Switch } = { json: JSON_OUTPUT };

const LINE = '-'.repeat(78);

/** Lists the data objects as siftool does. */
export async function run(
  { image: path, json }: { image: string; json: boolean | undefined },
  terminal: Terminal,
): Promise<ExitCode> {
  await withImage(asWritten(path), async ({ descriptors }) => {
    await terminal.out(
      json === true
        ? `${JSON.stringify(descriptors.map(describeObject))}\n`
        : `${[LINE, row('ID', 'GROUP', 'LINK', 'SIF POSITION (start-end)', 'TYPE'), LINE, ...descriptors.map(objectRow)].join('\n')}\n`,
    );
  });
  return EXIT.done;
}

function objectRow(descriptor: Descriptor): string {
  const { id, groupId, link, offset, size, type } = descriptor;
  const group = groupId === 0 ? 'NONE' : String(groupId);
  return row(String(id), group, linkText(link), `${offset}-${offset + size}`, typeText(descriptor, type));
}

function row(id: string, group: string, link: string, position: string, type: string): string {
  return `${id.padEnd(4)} |${group.padEnd(7)} |${link.padEnd(7)} |${position.padEnd(25)} |${type}`;
}

function linkText({ kind, id }: Link): string {
  if (kind === 'none') return 'NONE';
  return kind === 'group' ? `${String(id).padEnd(3)} (G)` : String(id);
}

/** siftool shows no digests of OCI objects. */
function typeText(descriptor: Descriptor, type: number): string {
  const oci = type === DATA_TYPE.ociBlob || type === DATA_TYPE.ociRootIndex;
  const words = oci ? [] : describeExtra(descriptor);
  return `${dataTypeName(type)}${words.length === 0 ? '' : ` (${words.join('/')})`}`;
}
