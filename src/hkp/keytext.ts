/*
 * What was pushed, as one binary keyring: forms, file uploads and plain bodies, in armor or binary. All
 * values of `keytext` and all armor blocks in them count, none is passed over in silence.
 */
import type { Context } from 'koa';
import { readBody } from '../http/body.ts';
import { HttpError } from '../http/error.ts';
import { parseMediaType, type MediaType } from '../http/media-type.ts';
import { dearmor } from '../openpgp/armor.ts';
import { OpenPgpError } from '../openpgp/error.ts';
import { readKeyring } from '../openpgp/keyring.ts';
import { HkpError } from './error.ts';
import { MAX_BODY_EXPANSION, MAX_VARIABLES, type HkpLimits } from './limits.ts';
import { Parameters, tooManyVariables } from './parameters.ts';
import { decodePercent } from './percent.ts';

export interface Upload {
  readonly keyring: Uint8Array;
  /** The elements of `options` from the address and from the form. */
  readonly options: ReadonlySet<string>;
  /** What a person wrote into the field for it; programs send theirs in a header. */
  readonly token?: string;
}

/** A value of `keytext`: text, which must be armored, or the octets of a file. */
interface Part {
  readonly octets: Uint8Array;
  readonly binaryAllowed: boolean;
}

interface Form {
  readonly parts: readonly Part[];
  readonly options: ReadonlySet<string>;
  readonly token?: string;
}

/** Bodies that are a keyring by themselves. `curl --data-binary` and `-T` send the last or no type. */
const KEYRING_TYPES: ReadonlySet<string> = new Set([
  'application/pgp-keys',
  'application/pgp',
  'application/octet-stream',
]);

/**
 * Reads a push; with `binary`, armor is refused (`ARMORED`). Throws `UNSUPPORTED_MEDIA_TYPE`, `MISSING_KEYTEXT`,
 * `NOT_A_KEY_BLOCK`, what `readBody` and `dearmor` throw, and `UPLOAD_TOO_LARGE`.
 */
export async function readUpload(
  ctx: Context,
  limits: HkpLimits,
  armoring: 'any' | 'binary' = 'any',
): Promise<Upload> {
  const query = new Parameters(ctx.querystring);
  const mediaType = requireKnown(ctx.get('Content-Type'));
  const body = await readBody(ctx, MAX_BODY_EXPANSION * limits.uploadOctets);
  const form = await readForm(body, mediaType);
  // Singularity 3.0 sends keytext in the address as well; the body is what every version sends.
  const parts = form.parts.length > 0 ? form.parts : query.allRaw('keytext').flatMap(keytextOf);
  if (parts.length === 0) {
    throw new HkpError(
      'MISSING_KEYTEXT',
      'there is no key in this request; send it as the variable "keytext"',
    );
  }
  if (armoring === 'binary' && !parts.every(({ octets }) => isBinary(octets))) {
    throw new HkpError(
      'ARMORED',
      'this address takes binary certificates only; send armored ones to /pks/add',
    );
  }
  return {
    keyring: toKeyring(parts, limits),
    options: new Set([...query.options, ...form.options]),
    ...(form.token !== undefined && { token: form.token }),
  };
}

const OLD_SCRIPT = 'none';

/** Refuses a body by its type before it is read. */
function requireKnown(header: string): MediaType {
  if (header === '') return { type: OLD_SCRIPT, parameters: new Map() };
  const mediaType = parseMediaType(header);
  const type = mediaType?.type ?? '';
  const form = type === 'application/x-www-form-urlencoded' || type === 'multipart/form-data';
  if (mediaType !== undefined && (form || KEYRING_TYPES.has(type))) return mediaType;
  throw new HttpError(
    'UNSUPPORTED_MEDIA_TYPE',
    'send keys as application/x-www-form-urlencoded (variable "keytext"), multipart/form-data or application/pgp-keys',
  );
}

async function readForm(body: Buffer, mediaType: MediaType): Promise<Form> {
  const options: ReadonlySet<string> = new Set();
  if (KEYRING_TYPES.has(mediaType.type)) return { parts: keyringParts(body), options };
  if (mediaType.type === 'multipart/form-data') return readMultipart(body, mediaType);
  // curl --data-binary @key.asc calls any body a form; no form begins like this.
  if (body.subarray(0, 256).includes('-----BEGIN PGP')) {
    if (!body.subarray(0, 256).includes('keytext=')) return { parts: keyringParts(body), options };
  }
  const form = new Parameters(body.toString('latin1'));
  return { parts: form.allRaw('keytext').flatMap(keytextOf), options: form.options };
}

function keyringParts(octets: Uint8Array): Part[] {
  return octets.length === 0 ? [] : [{ octets, binaryAllowed: true }];
}

function keytextOf(raw: string): Part[] {
  // `curl -d keytext="$(cat key.asc)"` encodes nothing. A form has no line ends of its own, so here the
  // plus signs are those of base64.
  const plus = /[\r\n]/.test(raw) ? 'plus' : 'space';
  const octets = decodePercent(raw, plus);
  return octets.length === 0 ? [] : [{ octets, binaryAllowed: false }];
}

async function readMultipart(body: Buffer, mediaType: MediaType): Promise<Form> {
  const boundary = mediaType.parameters.get('boundary') ?? '';
  if (hasMoreThan(MAX_VARIABLES, `--${boundary}`, body)) throw tooManyVariables();
  const form = await parseMultipart(body, boundary);
  const parts = await Promise.all(
    form.getAll('keytext').map(async (value): Promise<Part> => {
      if (typeof value === 'string') return { octets: Buffer.from(value), binaryAllowed: false };
      return { octets: new Uint8Array(await value.arrayBuffer()), binaryAllowed: true };
    }),
  );
  const options = form.get('options');
  const named = new Parameters(typeof options === 'string' ? `options=${encodeURIComponent(options)}` : '');
  // A browser sends the part of a file field that was left empty.
  const kept = parts.filter(({ octets }) => octets.length > 0);
  const token = form.get('token');
  const written = typeof token === 'string' ? token.trim() : '';
  return { parts: kept, options: named.options, ...(written !== '' && { token: written }) };
}

function hasMoreThan(most: number, text: string, body: Buffer): boolean {
  let at = body.indexOf(text);
  for (let count = 0; at !== -1; count += 1) {
    if (count > most) return true;
    at = body.indexOf(text, at + text.length);
  }
  return false;
}

async function parseMultipart(body: Buffer, boundary: string): Promise<FormData> {
  try {
    const headers = { 'Content-Type': `multipart/form-data; boundary="${boundary}"` };
    return await new Response(new Uint8Array(body), { headers }).formData();
  } catch (cause) {
    throw new HttpError('BAD_FORM', 'the multipart/form-data body cannot be read', { cause });
  }
}

function toKeyring(parts: readonly Part[], limits: HkpLimits): Uint8Array {
  const blocks = parts.flatMap(binaryBlocks);
  // Bare revocations stand before the first certificate of a keyring; after one they would belong to it.
  const ordered = [
    ...blocks.filter(beginsWithSignature),
    ...blocks.filter((block) => !beginsWithSignature(block)),
  ];
  const keyring = Buffer.concat(ordered);
  if (keyring.length > limits.uploadOctets) {
    const message = `this upload has ${keyring.length} octets; the limit is ${limits.uploadOctets}`;
    throw new OpenPgpError('UPLOAD_TOO_LARGE', message);
  }
  return keyring;
}

/** Labels of armor that may hold a keyring; a private one is passed on to be refused with its own reason. */
const KEY_LABELS: ReadonlySet<string> = new Set(['PUBLIC KEY BLOCK', 'PRIVATE KEY BLOCK', 'ARMORED FILE']);

function binaryBlocks({ octets, binaryAllowed }: Part): Uint8Array[] {
  // RFC 9580 §4.2: the first bit of a packet is set, which no character of armor has.
  if (binaryAllowed && isBinary(octets)) return [octets];
  return dearmor(octets).map(({ label, data }) => {
    if (KEY_LABELS.has(label) || (label === 'SIGNATURE' && isRevocation(data))) return data;
    throw new HkpError('NOT_A_KEY_BLOCK', `the armor is a PGP ${label}, not a public key`);
  });
}

function isBinary(octets: Uint8Array): boolean {
  return ((octets[0] ?? 0) & 0x80) !== 0;
}

/** sq writes the revocation that comes with a new key as a signature; a signature of a file is none of ours. */
function isRevocation(block: Uint8Array): boolean {
  return beginsWithSignature(block) && readKeyring(block).revocations.length > 0;
}

/** Packet type 2 in either format (RFC 9580 §4.2). */
function beginsWithSignature(block: Uint8Array): boolean {
  const first = block[0] ?? 0;
  return first === 0xc2 || (first & 0xfc) === 0x88;
}
