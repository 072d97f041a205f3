import { toHex } from '../../bytes/hex.ts';
import { dataTypeName } from '../../sif/data-type.ts';
import type { Descriptor } from '../../sif/descriptor.ts';
import { describeExtra, partitionOf, signatureClaimOf } from '../../sif/extra.ts';
import { isoTime } from './time-text.ts';

/** An object as `--json` has it. What it says of itself is not verified, the fingerprint least of all. */
export function describeObject(descriptor: Descriptor): Record<string, unknown> {
  const { id, groupId, link, offset, size, name, type } = descriptor;
  return {
    id,
    group: groupId === 0 ? null : groupId,
    link: link.kind === 'none' ? null : { [link.kind]: link.id },
    type: dataTypeName(type),
    typeCode: type,
    name,
    offset,
    size,
    created: isoTime(descriptor.created),
    modified: isoTime(descriptor.modified),
    ...describeMeaning(descriptor),
  };
}

function describeMeaning(descriptor: Descriptor): Record<string, unknown> {
  const words = describeExtra(descriptor);
  if (partitionOf(descriptor) !== undefined) {
    const [fileSystem, use, architecture] = words;
    return { partition: { fileSystem, use, architecture } };
  }
  const claim = signatureClaimOf(descriptor);
  if (claim !== undefined) {
    const { fingerprint } = claim;
    return {
      signature: { hash: words[0], claimedSigner: fingerprint === undefined ? null : toHex(fingerprint) },
    };
  }
  return words.length === 0 ? {} : { detail: words };
}
