/* Makes a descriptor's extra octets, as extra.ts reads them. What is not written stays zero. */
import { architectureCode } from './architecture.ts';
import { SifError } from './error.ts';
import { FINGERPRINT_OCTETS, PARTITION, SIGNATURE } from './extra.ts';
import { Fields } from './fields.ts';

/** `architecture` by its name, `amd64`. Throws `BAD_INPUT` for one without a code. */
export function partitionExtra(fileSystem: number, use: number, architecture: string): Uint8Array {
  const code = architectureCode(architecture);
  if (code === undefined) {
    throw new SifError('BAD_INPUT', `the architecture ${JSON.stringify(architecture)} is not known`);
  }
  const extra = new Uint8Array(PARTITION.end);
  const fields = new Fields(extra);
  fields.setUint32(PARTITION.fileSystem, fileSystem);
  fields.setUint32(PARTITION.use, use);
  fields.setOctets(PARTITION.architecture, Buffer.from(code));
  return extra;
}

/** `hash` is a code of `HASHES`. Throws `BAD_INPUT` unless the fingerprint is one of a version 4 key. */
export function signatureExtra(hash: number, fingerprint: Uint8Array | undefined): Uint8Array {
  if (fingerprint !== undefined && fingerprint.length !== FINGERPRINT_OCTETS) {
    throw new SifError(
      'BAD_INPUT',
      `a fingerprint in an image has ${FINGERPRINT_OCTETS} octets, not ${fingerprint.length}`,
    );
  }
  const extra = new Uint8Array(SIGNATURE.end);
  const fields = new Fields(extra);
  fields.setUint32(SIGNATURE.hash, hash);
  if (fingerprint !== undefined) fields.setOctets(SIGNATURE.entity, fingerprint);
  return extra;
}

/** Codes of `MESSAGE_FORMATS` and `MESSAGE_TYPES`. */
export function cryptoMessageExtra(format: number, type: number): Uint8Array {
  const extra = new Uint8Array(8);
  const fields = new Fields(extra);
  fields.setUint32(0, format);
  fields.setUint32(4, type);
  return extra;
}

/** A code of `SBOM_FORMATS`. */
export function sbomExtra(format: number): Uint8Array {
  const extra = new Uint8Array(4);
  new Fields(extra).setUint32(0, format);
  return extra;
}
