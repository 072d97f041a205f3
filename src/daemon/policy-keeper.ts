/* Which policy is in force, and how another one comes to be. */
import type { LogEvent } from '../admission/log/record.ts';
import type { Table } from '../admission/table.ts';
import { VouchError } from '../error.ts';
import { PolicyError } from '../policy/error.ts';
import { evaluate } from '../policy/evaluate.ts';
import type { Finding } from '../policy/finding.ts';
import { parsePolicy } from '../policy/parse-policy.ts';
import type { PolicyFile } from '../policy/policy-file.ts';
import type { Policy } from '../policy/policy.ts';

/** The policy in force, as the API tells it. */
export interface PolicyStatus {
  readonly sha256: string;
  readonly serial: number;
  readonly files: readonly string[];
  /** ISO 8601. */
  readonly loaded_at: string;
  readonly rules: number;
  readonly signers: number;
  /** What is doubtful in it, one sentence each. */
  readonly warnings: readonly string[];
}

/** Why the last file that was offered is not in force. */
export interface PolicyProblem {
  readonly code: string;
  readonly message: string;
  /** ISO 8601. */
  readonly time: string;
  /** Of the policy that was refused, if it could be read. */
  readonly sha256?: string;
}

export interface PolicyKeeperParts {
  /** Reads the files; throws `ConfigError`. */
  readonly read: () => readonly PolicyFile[];
  /** What is doubtful in a policy. `now` in seconds since 1970. */
  readonly lint: (policy: Policy, now: number) => readonly Finding[];
  /** Puts a policy in force. */
  readonly apply: (policy: Policy) => Promise<void>;
  /** Remembers the serial, so that a restart does not forget it. */
  readonly serials: Table<number>;
  readonly event: (event: LogEvent, fields: Readonly<Record<string, unknown>>) => Promise<void>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface ReloadOptions {
  /** A serial below the last one is taken. */
  readonly allowRollback?: boolean;
}

const SERIAL = 'serial';

export class PolicyKeeper {
  readonly #parts: PolicyKeeperParts;
  #status: PolicyStatus | undefined;
  #problem: PolicyProblem | undefined;
  #failures = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: PolicyKeeperParts) {
    this.#parts = parts;
  }

  /** Undefined until a policy was good enough. */
  get status(): PolicyStatus | undefined {
    return this.#status;
  }

  /** Undefined: the policy in force is the one that was offered last. */
  get problem(): PolicyProblem | undefined {
    return this.#problem;
  }

  /** Policies that were refused since the start. */
  get failures(): number {
    return this.#failures;
  }

  /**
   * Reads, checks and tries the files, and only then puts the policy in force; the one before stays when anything
   * fails. Throws `PolicyError` and `ConfigError`. One after another.
   */
  async reload(options: ReloadOptions = {}): Promise<PolicyStatus & { readonly previous?: string }> {
    const turn = this.#last.then(() => this.#reload(options));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** A candidate that is not put in force, from one text. Throws `PolicyError`. */
  candidate(text: string): Policy {
    return tried(parsePolicy([{ name: 'policy', octets: Buffer.from(text) }]), this.#seconds());
  }

  async #reload(options: ReloadOptions): Promise<PolicyStatus & { readonly previous?: string }> {
    const previous = this.#status?.sha256;
    let policy: Policy | undefined;
    try {
      const files = this.#parts.read();
      policy = parsePolicy(files);
      const warnings = await this.#accept(policy, options);
      await this.#parts.serials.put(SERIAL, policy.serial, { sync: true });
      await this.#parts.apply(policy);
      this.#status = statusOf(policy, files, warnings, this.#time());
      this.#problem = undefined;
    } catch (error) {
      await this.#refuse(error, policy);
      throw error;
    }
    const { sha256, serial, files: names } = this.#status;
    await this.#parts.event('policy_loaded', {
      sha256,
      serial,
      files: names,
      ...(previous !== undefined && { previous }),
    });
    return { ...this.#status, ...(previous !== undefined && { previous }) };
  }

  /** The warnings of a policy that may be put in force. */
  async #accept(policy: Policy, { allowRollback = false }: ReloadOptions): Promise<readonly string[]> {
    tried(policy, this.#seconds());
    const findings = this.#parts.lint(policy, this.#seconds());
    const errors = findings.filter(({ severity }) => severity === 'error');
    if (errors.length > 0) throw new PolicyError('INCONSISTENT', errors.map(sentence).join('\n'));
    const last = await this.#parts.serials.get(SERIAL);
    if (last !== undefined && policy.serial < last && !allowRollback) {
      const advice = 'raise it, or allow the rollback (--allow-rollback)';
      throw new PolicyError(
        'BAD_VALUE',
        `serial ${policy.serial} is below ${last}, which was in force; ${advice}`,
      );
    }
    return findings.map(sentence);
  }

  async #refuse(error: unknown, policy: Policy | undefined): Promise<void> {
    this.#failures += 1;
    this.#problem = {
      code: error instanceof VouchError ? error.code : 'INTERNAL',
      message: error instanceof Error ? error.message : String(error),
      time: this.#time(),
      ...(policy && { sha256: policy.sha256 }),
    };
    const { code, message, sha256 } = this.#problem;
    await this.#parts.event('policy_reload_failed', {
      code,
      message,
      ...(sha256 !== undefined && { sha256 }),
      in_force: this.#status?.sha256 ?? null,
    });
  }

  #seconds(): number {
    return Math.floor(this.#parts.now() / 1000);
  }

  #time(): string {
    return new Date(this.#parts.now()).toISOString();
  }
}

/** The policy, after it was applied to an image without content: applying it must not throw. */
function tried(policy: Policy, now: number): Policy {
  const scopes = ['/', ...policy.rules.flatMap(({ scope }) => scope ?? [])];
  try {
    for (const scope of scopes) {
      const path = Buffer.from(`${scope === '/' ? '' : scope}/image.sif`);
      evaluate(policy, { path, binding: 'path', content: EMPTY }, { now, clockSuspect: false });
    }
  } catch (cause) {
    throw new PolicyError('INCONSISTENT', 'this policy cannot be applied; please report this fault', {
      cause,
    });
  }
  return policy;
}

const EMPTY = {
  kind: 'content',
  sha256: '0'.repeat(64),
  firstSeen: 0,
  faults: [],
  objects: [],
  signatures: [],
  legacySignatures: 0,
} as const;

function sentence({ subject, text, fix }: Finding): string {
  return `${subject}: ${text}; ${fix}`;
}

function statusOf(
  policy: Policy,
  files: readonly PolicyFile[],
  warnings: readonly string[],
  loadedAt: string,
): PolicyStatus {
  return {
    sha256: policy.sha256,
    serial: policy.serial,
    files: files.map(({ name }) => name),
    loaded_at: loadedAt,
    rules: policy.rules.length,
    signers: policy.signers.size,
    warnings,
  };
}
