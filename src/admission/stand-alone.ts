/* Deciding without a daemon: for one command, with nothing remembered and nothing logged. */
import type { Log } from '../log.ts';
import type { Binding, Policy } from '../policy/policy.ts';
import { Admission } from './admission.ts';
import type { Assumptions } from './admission.ts';
import type { Decision } from './decision.ts';
import { FirstSeen } from './first-seen.ts';
import type { FirstSeenRecord } from './first-seen.ts';
import { createImageReader } from './image/looking.ts';
import type { KeystoreClient, LocalSources, RefreshReport } from './keys/managed-key-book.ts';
import { openKeyBook } from './keys/open-key-book.ts';
import { memoryDb } from './memory-db.ts';
import { RecentDecisions } from './recent-decisions.ts';
import type { AdmitRequest } from './request.ts';
import { signatureFacts } from './signature-facts.ts';

export interface StandAloneOptions {
  readonly policy: Policy;
  /** Files of this host with certificates; all have to be there. */
  readonly sources: LocalSources;
  /** Asked about the keys of the policy, once, at the beginning. */
  readonly keystores: readonly KeystoreClient[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds from some point, never backwards. */
  readonly elapsed: () => number;
  readonly newId: () => string;
  /** Who runs this, by number: whose key files are read, beside root's. */
  readonly user: number;
  /** Takes what is wrong with files of keys. */
  readonly log: Log;
}

export interface AloneRequest extends Assumptions {
  readonly expect?: string;
  readonly minBinding?: Binding;
}

export interface StandAlone {
  /** What became of asking the keystores. */
  readonly refreshed: RefreshReport;
  /** As a daemon would that sees this image, at this absolute path, for the first time. */
  decide(path: Uint8Array, request?: AloneRequest): Promise<Decision>;
  close(): Promise<void>;
}

/** Milliseconds for one image: whoever runs the command can stop it. */
const PATIENCE = 24 * 60 * 60 * 1000;

/** Reads the keys and asks the keystores. Throws `KEYS_UNREADABLE`. */
export async function openStandAlone(options: StandAloneOptions): Promise<StandAlone> {
  const { policy, sources, keystores, now, elapsed, newId, user, log } = options;
  const db = memoryDb();
  const keys = await openKeyBook({
    db,
    now,
    random: () => 0,
    sources,
    keystores,
    user,
    onEvent: () => undefined,
    log,
  });
  await keys.pin([...policy.signers.values()].flatMap((signer) => signer.keys));
  const refreshed = await keys.refresh({ force: true });
  const images = await createImageReader({ db, now, workers: 1 });
  const admission = new Admission(
    {
      images,
      keys,
      signatures: (evidence, at) => signatureFacts(evidence, keys, at),
      firstSeen: new FirstSeen(db.table<FirstSeenRecord>('first-seen')),
      recent: new RecentDecisions(),
      clock: { now, elapsed, suspect: () => false },
      newId,
    },
    policy,
  );
  return {
    refreshed,
    decide: (path, { expect, minBinding, ...assumed } = {}) => {
      const request: AdmitRequest = {
        images: [{ kind: 'path', path }],
        context: {},
        wait: PATIENCE,
        ...(expect !== undefined && { expect }),
        ...(minBinding !== undefined && { minBinding }),
      };
      return admission.explain(request, { kind: 'admin' }, assumed);
    },
    close: async () => {
      await images.close();
      await keys.close();
    },
  };
}
