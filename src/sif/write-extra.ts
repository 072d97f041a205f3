/* Makes a descriptor's extra octets, as extra.ts reads them. What is not written stays zero. */
import { architectureCode } from './architecture.ts';
import { SifError } from './error.ts';
import { PARTITION, SIGNATURE } from './extra.ts';
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

/**
 * `hash` is a code of `HASHES`. A fingerprint of 20 octets, or of 32 for a version 6 key, of which Go reads
 * the first 20 and refuses it. Throws `BAD_INPUT` for one of another length.
 */
export function signatureExtra(hash: number, fingerprint: Uint8Array | undefined): Uint8Array {
  if (fingerprint !== undefined && fingerprint.length !== 20 && fingerprint.length !== 32) {
    throw new SifError('BAD_INPUT', `a fingerprint has 20 or 32 octets, not ${fingerprint.length}`);
  }
  const extra = new Uint8Array(SIGNATURE.end);
  const fields = new Fields(extra);
  fields.setUint32(SIGNATURE.hash, hash);
  if (fingerprint !== undefined) fields.setOctets(SIGNATURE.entity, fingerprint);
  return extra;
}

/** A code of `SBOM_FORMATS`. */
export function sbomExtra(format: number): Uint8Array {
  const extra = new Uint8Array(4);
  new Fields(extra).setUint32(0, format);
  return extra;
}
