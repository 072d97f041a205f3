/* What `vouch sif add` says of an object, in siftool's flags: a code, or the name of it. */
import { fromHex } from '../../bytes/hex.ts';
import { ARCHITECTURES } from '../../sif/architecture.ts';
import { DATA_TYPE } from '../../sif/data-type.ts';
import type { Link } from '../../sif/descriptor.ts';
import { FINGERPRINT_OCTETS, SBOM_FORMATS } from '../../sif/extra.ts';
import { GROUP_MASK } from '../../sif/layout.ts';
import type { ObjectInput } from '../../sif/object-input.ts';
import { partitionExtra, sbomExtra, signatureExtra } from '../../sif/write-extra.ts';
import { CliError } from '../error.ts';
import type { TextFlag } from '../options.ts';

const text = (describe: string): TextFlag => ({ type: 'string', requiresArg: true, describe });

export type ObjectFlags = Record<
  | 'datatype'
  | 'parttype'
  | 'partfs'
  | 'partarch'
  | 'signhash'
  | 'signentity'
  | 'sbomformat'
  | 'groupid'
  | 'link'
  | 'alignment'
  | 'filename',
  TextFlag
>;

/** In the order of siftool's codes, from 1. */
const TYPES = [
  'Deffile',
  'EnvVar',
  'Labels',
  'Partition',
  'Signature',
  'GenericJSON',
  'Generic',
  'CryptoMessage',
  'SBOM',
  'OCIRootIndex',
  'OCIBlob',
];
const USES = ['System', 'PrimSys', 'Data', 'Overlay'];
const FILE_SYSTEMS = ['Squash', 'Ext3', 'ImmuObj', 'Raw', 'EncryptedSquash', 'GocryptfsSquash'];
const HASHES = ['SHA256', 'SHA384', 'SHA512', 'BLAKE2s_256', 'BLAKE2b_256'];

const codes = (names: readonly string[]): string => names.map((name, i) => `${i + 1} ${name}`).join(', ');

export const OBJECT_FLAGS: ObjectFlags = {
  datatype: text(`kind of data, needed: ${codes(TYPES)}`),
  parttype: text(`of a partition: ${codes(USES)}`),
  partfs: text(`file system of a partition: ${codes(FILE_SYSTEMS)}`),
  partarch: text(`architecture of a partition: ${codes(ARCHITECTURES)}`),
  signhash: text(`hash of a signature: ${codes(HASHES)}`),
  signentity: text('fingerprint of a signature, 40 hexadecimal digits'),
  sbomformat: text(`format of an SBOM: ${Object.values(SBOM_FORMATS).join(', ')}`),
  groupid: text('group of the object [default: 0, none]'),
  link: text('ID of the object that this one is about; group:N for a group'),
  alignment: text('octets to align to, a power of two [default: 4096 for a partition, else 0]'),
  filename: text('name of the object [default: none]'),
};

export type ObjectArguments = Readonly<Record<keyof ObjectFlags, string | undefined>>;

/** All of an object but its content. Throws `USAGE`. */
export function objectFrom(args: ObjectArguments): Omit<ObjectInput, 'content'> {
  if (args.datatype === undefined) throw usage(`--datatype is needed: ${codes(TYPES)}`);
  const type = 0x4000 + code('datatype', args.datatype, TYPES);
  const extra = extraFrom(type, args);
  const link = linkFrom(args.link);
  return {
    type,
    groupId: whole('groupid', args.groupid ?? '0'),
    ...(extra === undefined ? {} : { extra }),
    ...(link === undefined ? {} : { link }),
    ...(args.alignment === undefined ? {} : { alignment: whole('alignment', args.alignment) }),
    ...(args.filename === undefined ? {} : { name: args.filename }),
  };
}

function extraFrom(type: number, args: ObjectArguments): Uint8Array | undefined {
  if (type === DATA_TYPE.partition) return partitionFrom(args);
  if (type === DATA_TYPE.signature) return signatureFrom(args);
  return type === DATA_TYPE.sbom ? sbomFrom(args) : undefined;
}

function partitionFrom({ parttype, partfs, partarch }: ObjectArguments): Uint8Array {
  if (parttype === undefined || partfs === undefined || partarch === undefined) {
    throw usage('a partition needs --parttype, --partfs and --partarch');
  }
  const architecture = ARCHITECTURES[code('partarch', partarch, ARCHITECTURES) - 1] ?? '';
  return partitionExtra(code('partfs', partfs, FILE_SYSTEMS), code('parttype', parttype, USES), architecture);
}

function signatureFrom({ signhash, signentity }: ObjectArguments): Uint8Array {
  if (signhash === undefined || signentity === undefined) {
    throw usage('a signature needs --signhash and --signentity');
  }
  const fingerprint = fromHex(signentity);
  if (fingerprint?.length !== FINGERPRINT_OCTETS) {
    throw usage(`--signentity is a fingerprint of ${FINGERPRINT_OCTETS * 2} hexadecimal digits`);
  }
  return signatureExtra(code('signhash', signhash, HASHES), fingerprint);
}

function sbomFrom({ sbomformat }: ObjectArguments): Uint8Array {
  if (sbomformat === undefined) throw usage('an SBOM needs --sbomformat');
  // siftool knows this one by two names.
  const format = sbomformat === 'github' ? 'github-json' : sbomformat;
  return sbomExtra(code('sbomformat', format, Object.values(SBOM_FORMATS)));
}

/** A code, counted from 1, or the name of one, in any case. */
function code(flag: string, given: string, names: readonly string[]): number {
  const named = names.findIndex((name) => name.toLowerCase() === given.toLowerCase());
  const value = named < 0 && /^\d{1,2}$/.test(given) ? Number(given) : named + 1;
  // The name "386" is a number too; as a code it would be out of range.
  if (value >= 1 && value <= names.length) return value;
  throw usage(`--${flag} ${JSON.stringify(given)} is not known; it is one of ${codes(names)}`);
}

/** siftool writes a link as it is given, so that a group can be said by its number with the mask. */
function linkFrom(given: string | undefined): Link | undefined {
  if (given === undefined) return undefined;
  const group = /^group:(.*)$/.exec(given)?.[1];
  if (group !== undefined) return { kind: 'group', id: whole('link', group) };
  const value = whole('link', given);
  return value > GROUP_MASK ? { kind: 'group', id: value - GROUP_MASK } : { kind: 'object', id: value };
}

function whole(flag: string, given: string): number {
  if (/^\d{1,10}$/.test(given)) return Number(given);
  throw usage(`--${flag} ${JSON.stringify(given)} is not a whole number`);
}

function usage(message: string): CliError {
  return new CliError('USAGE', message);
}
