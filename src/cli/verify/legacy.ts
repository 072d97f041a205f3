/* `verify --legacy-insecure`: what signatures of Singularity 3.0 to 3.5 say. They verify nothing. */
import { verifyLegacy } from '../../integrity/legacy.ts';
import type { LegacyReport, LegacySignature, LegacyTask } from '../../integrity/legacy.ts';
import type { KeySource } from '../../integrity/key-source.ts';
import type { SignatureReport } from '../../integrity/report.ts';
import type { Selection } from '../../integrity/task.ts';
import { partitionOf, PRIMARY_PARTITION } from '../../sif/extra.ts';
import type { SifImage } from '../../sif/image.ts';
import { CliError } from '../error.ts';
import { printable } from '../printable.ts';
import { signatureError } from './reference-words.ts';
import { objectTable, signerLines } from './text-report.ts';
import type { TextOptions } from './text-report.ts';

const TITLE = 'Contents as signed, by a signature that covers nothing else:';

export interface LegacyAnswer {
  readonly text: string;
  readonly json: string;
  /** What is wrong; that the signatures are of this kind always is. */
  readonly errors: readonly string[];
}

/** As Singularity: without a selection the primary partition, with `all` every object by itself. */
export async function legacyAnswer(
  image: SifImage,
  given: { readonly keys: KeySource; readonly selection: Selection; readonly all: boolean },
  options: TextOptions,
): Promise<LegacyAnswer> {
  const { keys, all } = given;
  const chosen = (given.selection.groups ?? []).length + (given.selection.objects ?? []).length > 0;
  const selection = chosen || all ? given.selection : { objects: [primaryPartition(image)] };
  const report = await verifyLegacy(image, { keys, at: options.at, selection, everyObject: all });
  return {
    text: report.tasks.map((task) => taskText(task, image, options)).join(''),
    json: legacyJson(report),
    errors: [
      ...report.tasks.flatMap(taskErrors),
      'signatures of this kind leave the header and the kind of each partition unsigned, and verify nothing',
    ],
  };
}

function primaryPartition({ descriptors }: SifImage): number {
  const found = descriptors.filter((one) => partitionOf(one)?.use === PRIMARY_PARTITION);
  const [only] = found;
  if (only !== undefined && found.length === 1) return only.id;
  throw new CliError(
    'USAGE',
    'the image has no primary partition; name an object with --sif-id, or give --all',
  );
}

function taskText({ objects, signatures }: LegacyTask, image: SifImage, options: TextOptions): string {
  return signatures
    .map((one) => {
      const error = signatureError(asReport(one));
      const maker = one.outcome === 'content-matches' ? one.madeBy : makerOf(one);
      const table = one.outcome === 'content-matches' ? objectTable(objects, image.descriptors, TITLE) : '';
      const failed =
        error === undefined ? '' : `\nError encountered during signature verification: ${printable(error)}\n`;
      return `${signerLines(maker, options)}${table}${failed}`;
    })
    .join('');
}

function makerOf(one: LegacySignature): Parameters<typeof signerLines>[0] {
  return one.outcome === 'invalid' ? one.attributedTo : undefined;
}

/** In the form that there are words for. */
function asReport(one: LegacySignature): SignatureReport {
  if (one.outcome === 'content-matches') return { ...one, outcome: 'valid', signer: one.madeBy, objects: [] };
  return one.outcome === 'invalid' ? { ...one, objects: [] } : one;
}

function taskErrors({ groupId, objectId, signatures }: LegacyTask): string[] {
  if (signatures.length > 0) return signatures.flatMap((one) => signatureError(asReport(one)) ?? []);
  const what = objectId === undefined ? `object group ${groupId}` : `object ${objectId}`;
  return [`integrity: signature not found for ${what}`];
}

function legacyJson({ tasks }: LegacyReport): string {
  const answer = tasks.map(({ groupId, objectId, contentsMatch, objects, signatures }) => ({
    groupId,
    objectId: objectId ?? null,
    contentsMatch,
    objects,
    signatures: signatures.map((one) => ({
      signatureId: one.signatureId,
      outcome: one.outcome,
      claimedFingerprint: one.claimedFingerprint ?? null,
      madeBy: one.outcome === 'content-matches' ? one.madeBy.fingerprint : null,
      label: one.outcome === 'content-matches' ? one.madeBy.label : null,
      reason: one.outcome === 'invalid' ? one.reason : null,
    })),
  }));
  return `${JSON.stringify({ verified: false, legacy: true, tasks: answer })}\n`;
}
