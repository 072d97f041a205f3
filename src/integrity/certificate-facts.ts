/* What a chain is judged by and node:crypto does not say of a certificate (RFC 5280 §4.1, §4.2). */
import {
  BIT_STRING,
  BOOLEAN,
  derValues,
  derWithin,
  INTEGER,
  OBJECT_ID,
  objectIdText,
  OCTET_STRING,
  SEQUENCE,
} from './der.ts';
import type { DerValue } from './der.ts';

export interface CertificateFacts {
  /** Object ID of the algorithm that it is signed with. */
  readonly signatureAlgorithm: string;
  /** Certificates that may stand between this one and the leaf; undefined: any number. */
  readonly pathLength?: number;
  /** First octet of the key usage, its first bit the highest; undefined when there is none. */
  readonly keyUsage?: number;
  /** Object IDs of the extended key usage; undefined when there is none. */
  readonly extendedKeyUsage?: readonly string[];
  /** Critical extensions of a meaning that is not known here. */
  readonly unknownCritical: readonly string[];
}

const KEY_USAGE = '2.5.29.15';
const BASIC_CONSTRAINTS = '2.5.29.19';
const EXTENDED_KEY_USAGE = '2.5.29.37';

/** What may be critical: the three above, and names and policies, as neither is asked for here. */
const KNOWN: ReadonlySet<string> = new Set([
  KEY_USAGE,
  BASIC_CONSTRAINTS,
  EXTENDED_KEY_USAGE,
  '2.5.29.17',
  '2.5.29.32',
]);

interface Extension {
  readonly id: string;
  readonly critical: boolean;
  readonly value: Uint8Array;
}

/** Thrown and caught here. */
class Malformed extends Error {}

/** Undefined when the DER is not that of a certificate, or one of these extensions is malformed. */
export function certificateFacts(der: Uint8Array): CertificateFacts | undefined {
  try {
    return readFacts(der);
  } catch (error) {
    if (error instanceof Malformed) return undefined;
    throw error;
  }
}

function readFacts(der: Uint8Array): CertificateFacts {
  const [body, algorithm] = derWithin(der, SEQUENCE) ?? [];
  const [algorithmId] = (algorithm && derValues(algorithm.content)) ?? [];
  const fields = body && derValues(body.content);
  if (fields === undefined || algorithmId?.tag !== OBJECT_ID) throw new Malformed();
  const extensions = readExtensions(fields);
  const find = (id: string): Uint8Array | undefined => extensions.find((one) => one.id === id)?.value;
  const pathLength = readPathLength(find(BASIC_CONSTRAINTS));
  const keyUsage = readKeyUsage(find(KEY_USAGE));
  const extendedKeyUsage = readObjectIds(find(EXTENDED_KEY_USAGE));
  return {
    signatureAlgorithm: objectIdText(algorithmId.content),
    ...(pathLength !== undefined && { pathLength }),
    ...(keyUsage !== undefined && { keyUsage }),
    ...(extendedKeyUsage !== undefined && { extendedKeyUsage }),
    unknownCritical: extensions.filter(({ id, critical }) => critical && !KNOWN.has(id)).map(({ id }) => id),
  };
}

/** Each extension once (§4.2). */
function readExtensions(fields: readonly DerValue[]): Extension[] {
  const list = fields.find(({ tag }) => tag === EXTENSIONS);
  if (list === undefined) return [];
  const extensions = derWithin(list.content, SEQUENCE)?.map(readExtension) ?? [];
  const ids = new Set(extensions.map(({ id }) => id));
  if (extensions.length === 0 || ids.size < extensions.length) throw new Malformed();
  return extensions;
}

/** The tag of the list of extensions, the fourth optional field (§4.1). */
const EXTENSIONS = 0xa3;

function readExtension({ content }: DerValue): Extension {
  const [id, second, third, ...others] = derValues(content) ?? [];
  const [flag, value] = third === undefined ? [undefined, second] : [second, third];
  if (id?.tag !== OBJECT_ID || value?.tag !== OCTET_STRING || others.length > 0) throw new Malformed();
  if (flag !== undefined && flag.tag !== BOOLEAN) throw new Malformed();
  return {
    id: objectIdText(id.content),
    critical: flag !== undefined && flag.content[0] !== 0,
    value: value.content,
  };
}

/** §4.2.1.9 */
function readPathLength(value: Uint8Array | undefined): number | undefined {
  if (value === undefined) return undefined;
  const fields = derWithin(value, SEQUENCE);
  if (fields === undefined) throw new Malformed();
  const length = fields.find(({ tag }) => tag === INTEGER)?.content;
  if (length !== undefined && length.length !== 1) throw new Malformed();
  return length?.[0];
}

/** §4.2.1.3 */
function readKeyUsage(value: Uint8Array | undefined): number | undefined {
  if (value === undefined) return undefined;
  const [bits, ...others] = derValues(value) ?? [];
  if (bits?.tag !== BIT_STRING || others.length > 0) throw new Malformed();
  return bits.content[1] ?? 0;
}

/** §4.2.1.12 */
function readObjectIds(value: Uint8Array | undefined): string[] | undefined {
  if (value === undefined) return undefined;
  const ids = derWithin(value, SEQUENCE);
  if (ids === undefined || ids.some(({ tag }) => tag !== OBJECT_ID)) throw new Malformed();
  return ids.map(({ content }) => objectIdText(content));
}
