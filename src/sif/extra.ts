/* The meaning of a descriptor's 384 extra octets, by type (sif v2 pkg/sif/descriptor.go). */
import { architectureName } from './architecture.ts';
import { DATA_TYPE } from './data-type.ts';
import type { Descriptor } from './descriptor.ts';
import { Fields } from './fields.ts';

/** Codes of file systems; 6 is Apptainer's own. */
export const FILE_SYSTEMS: Readonly<Record<number, string>> = {
  1: 'Squashfs',
  2: 'Ext3',
  3: 'Archive',
  4: 'Raw',
  5: 'Encrypted squashfs',
  6: 'Gocryptfs squashfs',
};

export const SYSTEM_PARTITION = 1;
export const PRIMARY_PARTITION = 2;

/** Codes of what a partition is for. */
const PARTITION_USES: Readonly<Record<number, string>> = {
  [SYSTEM_PARTITION]: 'System',
  [PRIMARY_PARTITION]: '*System',
  3: 'Data',
  4: 'Overlay',
};

/** Codes of a signature's digest, as Go names them. */
export const HASHES: Readonly<Record<number, string>> = {
  1: 'SHA-256',
  2: 'SHA-384',
  3: 'SHA-512',
  4: 'BLAKE2s-256',
  5: 'BLAKE2b-256',
};

export const MESSAGE_FORMATS: Readonly<Record<number, string>> = { 1: 'OpenPGP', 2: 'PEM' };
export const MESSAGE_TYPES: Readonly<Record<number, string>> = {
  0x100: 'Clear Signature',
  0x200: 'RSA-OAEP',
};

export const SBOM_FORMATS: Readonly<Record<number, string>> = {
  1: 'cyclonedx-json',
  2: 'cyclonedx-xml',
  3: 'github-json',
  4: 'spdx-json',
  5: 'spdx-rdf',
  6: 'spdx-tag-value',
  7: 'spdx-yaml',
  8: 'syft-json',
};

/** Offsets in the extra octets of a partition. */
export const PARTITION = { fileSystem: 0, use: 4, architecture: 8, end: 11 } as const;
/** And of a signature: the entity takes 256 octets, of which a fingerprint fills 20. */
export const SIGNATURE = { hash: 0, entity: 4, end: 260 } as const;

/** Octets of the fingerprint that readers take from a signature's descriptor: one of a version 4 key. */
export const FINGERPRINT_OCTETS = 20;

export interface Partition {
  readonly fileSystem: number;
  readonly use: number;
  /** A code of architecture.ts. */
  readonly architecture: string;
}

/** Undefined for what is not a partition. */
export function partitionOf({ type, extra }: Descriptor): Partition | undefined {
  if (type !== DATA_TYPE.partition) return undefined;
  const fields = new Fields(extra);
  return {
    fileSystem: fields.int32(PARTITION.fileSystem),
    use: fields.int32(PARTITION.use),
    architecture: fields.text(PARTITION.architecture, PARTITION.end),
  };
}

export function isPrimaryPartition(descriptor: Descriptor): boolean {
  return partitionOf(descriptor)?.use === PRIMARY_PARTITION;
}

export interface SignatureClaim {
  /** A code of `HASHES`, or one that is not known. */
  readonly hash: number;
  /** Whose signature it is said to be; undefined when its 20 octets are zero. Evidence of nothing. */
  readonly fingerprint: Uint8Array | undefined;
  /** All 256 octets that hold the fingerprint and should be zero behind it. */
  readonly entity: Uint8Array;
}

/** Undefined for what is not a signature. */
export function signatureClaimOf({ type, extra }: Descriptor): SignatureClaim | undefined {
  if (type !== DATA_TYPE.signature) return undefined;
  const entity = extra.subarray(SIGNATURE.entity, SIGNATURE.end);
  const fingerprint = entity.subarray(0, FINGERPRINT_OCTETS);
  return {
    hash: new Fields(extra).int32(SIGNATURE.hash),
    fingerprint: fingerprint.some((octet) => octet !== 0) ? fingerprint : undefined,
    entity,
  };
}

/** What siftool shows of the extra octets, in its order: file system, use and architecture of a partition. */
export function describeExtra(descriptor: Descriptor): readonly string[] {
  const fields = new Fields(descriptor.extra);
  const name = (names: Readonly<Record<number, string>>, at: number): string =>
    names[fields.int32(at)] ?? 'Unknown';
  switch (descriptor.type) {
    case DATA_TYPE.partition: {
      const architecture = fields.text(PARTITION.architecture, PARTITION.end);
      return [
        name(FILE_SYSTEMS, PARTITION.fileSystem),
        name(PARTITION_USES, PARTITION.use),
        architectureName(architecture),
      ];
    }
    case DATA_TYPE.signature:
      return [name(HASHES, SIGNATURE.hash)];
    case DATA_TYPE.cryptoMessage:
      return [name(MESSAGE_FORMATS, 0), name(MESSAGE_TYPES, 4)];
    case DATA_TYPE.sbom:
      return [name(SBOM_FORMATS, 0)];
    case DATA_TYPE.ociBlob:
    case DATA_TYPE.ociRootIndex:
      return [fields.text(0, descriptor.extra.length)];
    default:
      return [];
  }
}
