/*
 * One way to decide for everybody: the daemon, `vouch verify --policy`, `vouch explain`, policy tests. What is
 * known of the bytes is remembered; policy and keys are asked anew for every answer.
 */
import { Buffer } from 'node:buffer';
import type { ImageEvidence } from '../integrity/evidence.ts';
import type { Draft } from '../policy/draft.ts';
import { evaluate } from '../policy/evaluate.ts';
import type { ImageContent, ImageFacts, ImageProblem, SignatureFact } from '../policy/facts.ts';
import type { Binding, Policy } from '../policy/policy.ts';
import type { ImageVerdict } from '../policy/verdict.ts';
import type { Decision, ImageDecision } from './decision.ts';
import { answerOf, imageDecision, unlogged } from './answer.ts';
import type { FirstSeen } from './first-seen.ts';
import type { ImageLook, ImageReader } from './image/image-reader.ts';
import type { KeyBook } from './keys/key-book.ts';
import type { DecisionLog } from './log/record.ts';
import type { RecentDecision, RecentDecisions } from './recent-decisions.ts';
import type { AdmitRequest, Caller } from './request.ts';
import { TimeSlice } from './time-slice.ts';

export interface AdmissionParts {
  readonly images: Pick<ImageReader, 'look' | 'evidence'>;
  readonly keys: KeyBook;
  /** What the signatures of an image are worth with the keys of now (seconds since 1970). */
  readonly signatures: (evidence: ImageEvidence, now: number) => Promise<readonly SignatureFact[]>;
  readonly firstSeen: FirstSeen;
  readonly recent: RecentDecisions;
  /** Without it nothing is logged. */
  readonly log?: DecisionLog;
  readonly clock: AdmissionClock;
  /** A new name for each decision. */
  readonly newId: () => string;
}

export interface AdmissionClock {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds from some point, never backwards. */
  readonly elapsed: () => number;
  /** The wall clock went backwards. */
  readonly suspect: () => boolean;
}

/** What a question may assume instead of how things are. */
export interface Assumptions {
  /** A candidate instead of the policy in force. */
  readonly policy?: Policy;
  /** Milliseconds since 1970: keys, windows and waivers are judged as of then. */
  readonly at?: number;
  /** As if the images lay there, bound like this. */
  readonly place?: { readonly path: Uint8Array; readonly binding: Binding };
}

/** What was answered last about an image at a place, and what would be answered now. */
export interface ReconsideredDecision {
  readonly before: RecentDecision;
  readonly after: ImageDecision;
}

export interface Comparison {
  /** Images and places that were looked at; those whose evidence is gone are not. */
  readonly considered: number;
  readonly changed: readonly ReconsideredDecision[];
}

export class Admission {
  readonly #parts: AdmissionParts;
  #policy: Policy | undefined;

  constructor(parts: AdmissionParts, policy?: Policy) {
    this.#parts = parts;
    this.#policy = policy;
  }

  get policy(): Policy | undefined {
    return this.#policy;
  }

  /** From the next answer on. Without a policy everything is refused. */
  setPolicy(policy: Policy | undefined): void {
    this.#policy = policy;
  }

  /** Decides and logs. Throws `QUEUE_FULL`; everything else is an answer. */
  async admit(request: AdmitRequest, caller: Caller): Promise<Decision> {
    const { log, recent } = this.#parts;
    const decision = await this.#decide(request, caller, { record: true });
    const written = log === undefined ? decision : await this.#log(decision, log);
    recent.note(written);
    return written;
  }

  /** Decides as `admit` does, and leaves no trace but the evidence of the images. */
  async explain(request: AdmitRequest, caller: Caller, assumed: Assumptions = {}): Promise<Decision> {
    return this.#decide(request, caller, { record: false, ...assumed });
  }

  /**
   * Every image that was decided on lately, decided on anew, the oldest first. In slices of time, so that requests
   * do not wait for it; images whose evidence is gone are left out.
   */
  async *reconsider(policy: Policy | undefined = this.#policy): AsyncGenerator<ReconsideredDecision> {
    const slice = new TimeSlice(this.#parts.clock.elapsed);
    for (const before of this.#parts.recent.entries()) {
      await slice.pause();
      const after = await this.#decideAgain(before, policy);
      if (after !== undefined) yield { before, after };
    }
  }

  /** What would be answered otherwise now about images that were decided on lately. */
  async compare(policy?: Policy): Promise<Comparison> {
    const changed: ReconsideredDecision[] = [];
    let considered = 0;
    for await (const one of this.reconsider(policy)) {
      considered += 1;
      if (answerName(one.after) !== answerName(one.before)) changed.push(one);
    }
    return { considered, changed };
  }

  async #decide(
    request: AdmitRequest,
    caller: Caller,
    options: Assumptions & { readonly record: boolean },
  ): Promise<Draft<Decision>> {
    const { clock, images, newId, keys } = this.#parts;
    const began = clock.elapsed();
    const deadline = clock.now() + request.wait;
    const looks = await together(request.images, (one) => images.look(one, { caller, deadline }));
    const policy = options.policy ?? this.#policy;
    const decided = await together(looks, async (look) => {
      const facts = await this.#facts(look, options, request.expect);
      return imageDecision(look, facts, this.#evaluate(policy, facts, request.minBinding, options.at));
    });
    return answerOf(decided, {
      id: newId(),
      time: clock.now(),
      policy,
      keys,
      caller,
      context: request.context,
      took: clock.elapsed() - began,
    });
  }

  #evaluate(
    policy: Policy | undefined,
    facts: ImageFacts,
    minBinding: Binding | undefined,
    at: number | undefined,
  ): ImageVerdict {
    const { clock } = this.#parts;
    const moment = { now: seconds(at ?? clock.now()), clockSuspect: at === undefined && clock.suspect() };
    return evaluate(policy, facts, moment, minBinding === undefined ? {} : { minBinding });
  }

  async #facts(
    look: ImageLook,
    { record, at, place }: Assumptions & { readonly record: boolean },
    expected: string | undefined,
  ): Promise<ImageFacts> {
    const { path, binding } = place ?? look;
    if (look.content.kind === 'problem') return { path, binding, content: look.content };
    const { evidence } = look.content;
    const unexpected = expected === undefined ? undefined : mismatch(expected, evidence.sha256);
    if (unexpected !== undefined) return { path, binding, content: unexpected };
    return { path, binding, content: await this.#content(evidence, { record, at }) };
  }

  async #content(
    evidence: ImageEvidence,
    { record, at }: { readonly record: boolean; readonly at: number | undefined },
  ): Promise<ImageContent> {
    const { clock, firstSeen, log, signatures } = this.#parts;
    const time = clock.now();
    const sight = { time, logPosition: log?.position ?? 0 };
    const seen =
      firstSeen.near(evidence.sha256) ??
      (record
        ? await firstSeen.record(evidence.sha256, sight)
        : ((await firstSeen.find(evidence.sha256)) ?? sight));
    return {
      kind: 'content',
      sha256: evidence.sha256,
      firstSeen: seconds(seen.time),
      faults: evidence.faults,
      objects: evidence.objects,
      signatures: await signatures(evidence, seconds(at ?? time)),
      legacySignatures: evidence.legacySignatures.length,
    };
  }

  async #decideAgain(
    { sha256, path, binding }: RecentDecision,
    policy: Policy | undefined,
  ): Promise<ImageDecision | undefined> {
    const evidence = await this.#parts.images.evidence(sha256);
    if (evidence === undefined) return undefined;
    const look: ImageLook = { path, binding, cached: true, content: { kind: 'content', evidence } };
    const facts = await this.#facts(look, { record: false }, undefined);
    return imageDecision(look, facts, this.#evaluate(policy, facts, undefined, undefined)).image;
  }

  async #log(decision: Draft<Decision>, log: DecisionLog): Promise<Decision> {
    try {
      const { seq } = await log.append({ kind: 'decision', decision });
      decision.log_pos = seq;
      return decision;
    } catch (error) {
      return unlogged(decision, error, this.#policy?.onLogFailure ?? 'refuse');
    }
  }
}

/** What matters of an answer to whoever runs the image. */
export function answerName({ verdict, effective }: Pick<ImageDecision, 'verdict' | 'effective'>): string {
  return `${verdict} ${effective}`;
}

function mismatch(expected: string, sha256: string): ImageProblem | undefined {
  if (Buffer.from(expected.toLowerCase()).equals(Buffer.from(sha256))) return undefined;
  const text = `its SHA-256 is ${sha256}, not the expected ${expected}`;
  return { kind: 'problem', code: 'EXPECTED_DIGEST_MISMATCH', text };
}

/** What comes of each, all at once. Mostly there is one, which needs no list of promises. */
async function together<From, To>(list: readonly From[], make: (one: From) => Promise<To>): Promise<To[]> {
  const [only] = list;
  return list.length === 1 && only !== undefined ? [await make(only)] : Promise.all(list.map(make));
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
