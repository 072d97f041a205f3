import { join } from 'node:path';
import { affected } from '../admission/affected.ts';
import { AdmissionError } from '../admission/error.ts';
import { promote } from '../admission/promote.ts';
import type { AdmitRequest } from '../admission/request.ts';
import type { Decision } from '../admission/decision.ts';
import { oneLine } from './one-line.ts';
import type { Parts } from './open-parts.ts';
import type { Operations } from './trust-service.ts';

export interface PromotionAnswer {
  /** Of the copy; absent when it is not admitted. */
  readonly path?: string;
  readonly sha256?: string;
  readonly method?: 'reflink' | 'copy' | 'present';
  /** About the copy, as it lies in the store. */
  readonly decision: Decision;
}

/**
 * Copies an image into the store if it would be admitted there: the rule for the store decides, and a rule that
 * wants images to be in the store does not stand in its own way. `patience` in milliseconds. Throws `NOT_FOUND` when
 * there is no store, `PROMOTE_FAILED` and `QUEUE_FULL`.
 */
export async function promoteAdmitted(
  source: Uint8Array,
  { admission, event, images, store }: Parts,
  patience: number,
): Promise<PromotionAnswer> {
  if (store === undefined) {
    throw new AdmissionError(
      'NOT_FOUND',
      'there is no store: name a folder for it, [promote] store, in daemon.toml',
    );
  }
  const request: AdmitRequest = { images: [{ kind: 'path', path: source }], context: {}, wait: patience };
  const asIs = await admission.explain(request, { kind: 'admin' });
  const sha256 = asIs.images[0]?.sha256;
  if (sha256 === undefined) return { decision: asIs };
  const path = Buffer.from(join(store, sha256.slice(0, 2), `${sha256}.sif`));
  const there = { place: { path, binding: 'store' } } as const;
  // The digest is named, so that it is the same image that is asked about again.
  const decision = await admission.explain({ ...request, expect: sha256 }, { kind: 'admin' }, there);
  if (decision.effective !== 'admit') return { decision };
  const promoted = await promote(source, { store, sha256, reader: images });
  await event('promoted', { ...promoted, source: oneLine(Buffer.from(source).toString()) });
  return { ...promoted, decision };
}

/** What is needed beside the parts. */
export interface OperationOptions {
  readonly parts: Parts;
  /** Milliseconds. */
  readonly patience: number;
  readonly sweep: () => Promise<unknown>;
  readonly addCaller: (uid: number) => Promise<string>;
}

export function operationsOf({ parts, patience, sweep, addCaller }: OperationOptions): Operations {
  return {
    sweep,
    addCaller,
    affected: (query) => affected(parts.uses, query),
    promote: (path) => promoteAdmitted(path, parts, patience),
  };
}
