/* An admission with made-up images, keys and clock: what it decides by is under the test's hand. */
import type { ImageEvidence } from '../../src/integrity/evidence.ts';
import { EVIDENCE_VERSION } from '../../src/integrity/evidence.ts';
import { Admission } from '../../src/admission/admission.ts';
import { AdmissionError } from '../../src/admission/error.ts';
import { FirstSeen } from '../../src/admission/first-seen.ts';
import type { FirstSeenRecord } from '../../src/admission/first-seen.ts';
import type { ImageLook, ImageReader } from '../../src/admission/image/image-reader.ts';
import type { BookEntry, KeyBook } from '../../src/admission/keys/key-book.ts';
import type { DecisionLog, LogRecord } from '../../src/admission/log/record.ts';
import { memoryDb } from '../../src/admission/memory-db.ts';
import { RecentDecisions } from '../../src/admission/recent-decisions.ts';
import type { AdmitRequest } from '../../src/admission/request.ts';
import type { Table } from '../../src/admission/table.ts';
import type { KeyFact, SignatureFact } from '../../src/policy/facts.ts';
import { parsePolicy } from '../../src/policy/parse-policy.ts';
import type { Policy } from '../../src/policy/policy.ts';

export const ALICE = 'A11CE0'.padEnd(40, '0');
export const DIGEST = 'ab'.repeat(32);
export const NOW = Date.parse('2026-11-22T12:00:00Z');

export function policyOf(text: string): Policy {
  return parsePolicy([{ name: 'policy.toml', octets: Buffer.from(text) }]);
}

/** Alice signs what lies in /srv. */
export function alicePolicy(rule = '', defaults = ''): Policy {
  return policyOf(`version = 1
serial = 1
[defaults]
min_binding = "path"
${defaults}
[[signer]]
name = "alice"
keys = ["${ALICE}"]
[[rule]]
name = "srv"
scope = "/srv"
require = { set = "alice", threshold = 1 }
${rule}
`);
}

export function evidenceOf(sha256: string = DIGEST): ImageEvidence {
  return {
    version: EVIDENCE_VERSION,
    sha256,
    size: 1,
    faults: [],
    objects: [{ id: 1, group: 1, type: 'FS (Squashfs/*System/amd64)', primary: true }],
    signatures: [],
    legacySignatures: [],
    strayObjects: [],
    trailingOctets: 0,
  };
}

export function lookAt(path: string, content: ImageLook['content']): ImageLook {
  return { path: Buffer.from(path), binding: 'identity', verifiedAt: NOW, cached: false, content };
}

export function aliceKey(more: Partial<KeyFact> = {}): KeyFact {
  return {
    fingerprint: ALICE,
    signingKey: ALICE,
    local: true,
    remote: false,
    standing: { asked: false, vanished: false, rollback: false, conflict: false },
    ...more,
  };
}

function signedBy(maker: KeyFact | undefined): SignatureFact[] {
  if (maker === undefined) return [];
  return [{ id: 2, group: 1, format: 'pgp', claimed: [ALICE], created: NOW / 1000 - 60, covers: [1], maker }];
}

/** What a test may change between two requests. */
export interface Scene {
  /** By path. */
  readonly looks: Map<string, ImageLook>;
  /** Whose key signed everything; undefined: nobody. */
  maker: KeyFact | undefined;
  now: number;
  suspect: boolean;
  /** Lines written. */
  readonly lines: LogRecord[];
  logFails: boolean;
  readonly firstSeen: Table<FirstSeenRecord>;
  readonly recent: RecentDecisions;
  readonly admission: Admission;
  readonly ask: (paths: readonly string[], more?: Partial<AdmitRequest>) => AdmitRequest;
}

export function scene(policy: Policy | undefined, { logged = true }: { logged?: boolean } = {}): Scene {
  const looks = new Map<string, ImageLook>();
  const lines: LogRecord[] = [];
  const firstSeen = memoryDb().table<FirstSeenRecord>('first-seen');
  const recent = new RecentDecisions();
  let counter = 0;
  const state: Omit<Scene, 'admission'> = {
    looks,
    lines,
    firstSeen,
    recent,
    maker: aliceKey(),
    now: NOW,
    suspect: false,
    logFails: false,
    ask: (paths, more = {}) => ({
      images: paths.map((path) => ({ kind: 'path', path: Buffer.from(path) })),
      context: {},
      wait: 1000,
      ...more,
    }),
  };
  const admission = new Admission(
    {
      images: imagesOf(looks),
      keys: keysOf(),
      signatures: () => Promise.resolve(signedBy(state.maker)),
      firstSeen: new FirstSeen(firstSeen),
      recent,
      ...(logged && { log: logOf(state) }),
      clock: { now: () => state.now, elapsed: () => 0, suspect: () => state.suspect },
      newId: () => `decision-${(counter += 1)}`,
    },
    policy,
  );
  return Object.assign(state, { admission });
}

function imagesOf(looks: ReadonlyMap<string, ImageLook>): Pick<ImageReader, 'look' | 'evidence'> {
  return {
    look: (request) => {
      const path = request.kind === 'path' ? Buffer.from(request.path).toString() : 'fd';
      const look = looks.get(path);
      return look === undefined
        ? Promise.reject(new AdmissionError('QUEUE_FULL', 'made up'))
        : Promise.resolve(look);
    },
    evidence: (sha256) => {
      const found = [...looks.values()].find(
        ({ content }) => content.kind === 'content' && content.evidence.sha256 === sha256,
      );
      return Promise.resolve(found?.content.kind === 'content' ? found.content.evidence : undefined);
    },
  };
}

function keysOf(): KeyBook {
  const entries: BookEntry[] = [];
  return { epoch: 7, candidates: () => [], entry: () => undefined, entries: () => entries };
}

function logOf(state: Pick<Scene, 'lines' | 'logFails'>): DecisionLog {
  return {
    get position() {
      return state.lines.length;
    },
    append: (record) => {
      if (state.logFails) return Promise.reject(new AdmissionError('LOG_UNWRITABLE', 'no space left'));
      state.lines.push(record);
      return Promise.resolve({ seq: state.lines.length });
    },
    close: () => Promise.resolve(),
  };
}
