/* What `verify` writes to stdout, in the shape of Singularity 3.6 and later (cmd/internal/cli/pgp.go). */
import type { ImageReport, SignatureReport, Signer } from '../../integrity/report.ts';
import type { KeyLabel } from '../../integrity/key-source.ts';
import { certificateState } from '../../openpgp/state.ts';
import { dataTypeName } from '../../sif/data-type.ts';
import type { Descriptor } from '../../sif/descriptor.ts';
import { printable } from '../printable.ts';
import { signatureError } from './reference-words.ts';

/** Columns of a label with its colour, as the programs have always counted them. */
const LABEL_WIDTH = 18;

const COLOURS: Readonly<Record<KeyLabel, number>> = { GLOBAL: 36, LOCAL: 32, REMOTE: 33 };

const TABLE_HEAD = `ID  |GROUP   |LINK    |TYPE
------------------------------------------------
`;

export interface TextOptions {
  readonly colour: boolean;
  /** Seconds since 1970: which user ID is the primary one. */
  readonly at: number;
}

/** Everything about every signature; nothing about what has none. */
export function reportAsText(
  { tasks }: ImageReport,
  descriptors: readonly Descriptor[],
  options: TextOptions,
): string {
  return tasks
    .flatMap(({ signatures }) => signatures.map((one) => signatureText(one, descriptors, options)))
    .join('');
}

function signatureText(
  signature: SignatureReport,
  descriptors: readonly Descriptor[],
  options: TextOptions,
): string {
  const error = signatureError(signature);
  return [
    signerLines(makerOf(signature), options),
    objectTable('objects' in signature ? signature.objects : [], descriptors),
    error === undefined ? '' : `\nError encountered during signature verification: ${printable(error)}\n`,
  ].join('');
}

/** Whose key a signature was checked with: the signer's only when it is valid. */
export function makerOf(signature: SignatureReport): Signer | undefined {
  if (signature.outcome === 'valid') return signature.signer;
  return signature.outcome === 'invalid' ? signature.attributedTo : undefined;
}

/** The primary user ID; undefined for a key without one. */
export function nameOf(signer: Signer, at: number): string | undefined {
  return signer.kind === 'pgp' ? certificateState(signer.certificate, at).userIds[0]?.text : undefined;
}

/** Keys that are not of a keyring have no label, and no lines. */
export function signerLines(signer: Signer | undefined, { colour, at }: TextOptions): string {
  if (signer?.kind !== 'pgp') return '';
  const { label, fingerprint } = signer;
  const shown = colour ? `\x1b[${COLOURS[label]}m[${label}]\x1b[0m` : `[${label}]`;
  const prefix = shown.padEnd(LABEL_WIDTH);
  const name = nameOf(signer, at);
  const entity = name === undefined ? '' : `${prefix} Signing entity: ${printable(name)}\n`;
  return `${entity}${prefix} Fingerprint: ${fingerprint}\n`;
}

export function objectTable(
  ids: readonly number[],
  descriptors: readonly Descriptor[],
  title = 'Objects verified:',
): string {
  if (ids.length === 0) return '';
  const rows = descriptors.filter(({ id }) => ids.includes(id)).map(objectRow);
  return `${title}\n${TABLE_HEAD}${rows.join('')}`;
}

function objectRow({ id, groupId, link, type }: Descriptor): string {
  const group = groupId === 0 ? 'NONE' : String(groupId);
  const cells = [String(id).padEnd(4), group.padEnd(8), linkText(link).padEnd(8), dataTypeName(type)];
  return `${cells.join('|')}\n`;
}

function linkText({ kind, id }: Descriptor['link']): string {
  if (kind === 'none') return 'NONE';
  return kind === 'group' ? `${id} (G)` : String(id);
}
