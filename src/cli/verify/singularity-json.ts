/* `verify --json` as Singularity 3.6 and later write it (cmd/internal/cli/pgp.go): for scripts that read that. */
import type { ImageReport, SignatureReport } from '../../integrity/report.ts';
import { dataTypeName } from '../../sif/data-type.ts';
import type { Descriptor } from '../../sif/descriptor.ts';
import { makerOf, nameOf } from './text-report.ts';

interface Entry {
  readonly Signer: {
    readonly Partition: string;
    readonly Name: string;
    readonly Fingerprint: string;
    readonly KeyLocal: boolean;
    readonly KeyCheck: boolean;
    readonly DataCheck: boolean;
  };
}

/**
 * An entry for each object that a signature covers, and one for an object whose content was changed. `at`:
 * seconds since 1970.
 */
export function singularityJson(
  { tasks }: ImageReport,
  descriptors: readonly Descriptor[],
  at: number,
): string {
  const signatures = tasks.flatMap((task) => task.signatures);
  const entries = signatures.flatMap((one) => entriesOf(one, descriptors, at));
  const answer = { Signatures: signatures.length, SignerKeys: entries.length === 0 ? null : entries };
  return `${escapeAsGo(JSON.stringify(answer, null, 2))}\n`;
}

function entriesOf(signature: SignatureReport, descriptors: readonly Descriptor[], at: number): Entry[] {
  if (signature.outcome === 'unknown-signer') return [];
  const entry = (id: number, good: boolean): Entry => entryOf(signature, descriptors, id, good, at);
  const entries = signature.objects.map((id) => entry(id, true));
  if (signature.outcome === 'valid' || signature.reason !== 'CONTENT_CHANGED') return entries;
  return signature.objectId === undefined ? entries : [...entries, entry(signature.objectId, false)];
}

function entryOf(
  signature: SignatureReport,
  descriptors: readonly Descriptor[],
  id: number,
  good: boolean,
  at: number,
): Entry {
  const maker = makerOf(signature);
  const signer = maker?.kind === 'pgp' ? maker : undefined;
  return {
    Signer: {
      Partition: dataTypeName(descriptors.find((one) => one.id === id)?.type ?? 0),
      Name: (signer && nameOf(signer, at)) ?? 'unknown',
      Fingerprint: signer?.fingerprint.toLowerCase() ?? '',
      KeyLocal: signer?.label === 'LOCAL',
      KeyCheck: signer !== undefined,
      DataCheck: good,
    },
  };
}

/** encoding/json escapes what HTML would take for markup, and the two line ends that JavaScript knew. */
function escapeAsGo(json: string): string {
  return json.replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
