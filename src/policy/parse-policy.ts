import { createHash } from 'node:crypto';
import { readDocument } from './document.ts';
import type { PolicyDocument } from './document.ts';
import { PolicyError } from './error.ts';
import { Faults, within } from './fault.ts';
import { gather } from './gather.ts';
import type { Gathered, Said } from './gather.ts';
import type { GivenDenial, GivenHead, GivenWaiver } from './given.ts';
import { MAX_POLICY_FILES } from './limits.ts';
import type { PolicyFile } from './policy-file.ts';
import type { Denial, Policy, Waiver } from './policy.ts';
import { resolveRules } from './resolve-rules.ts';
import { resolveParties } from './resolve-signers.ts';

/**
 * The policy that files say, the first of them with `version`, `serial`, `valid_until` and `[defaults]`; each is
 * TOML, or JSON of the same shape. Throws `BAD_SYNTAX`, `UNKNOWN_KEY`, `BAD_VALUE` or `INCONSISTENT`; the message
 * has a line for every fault: `file:line: path.of.key: what is wrong and what to do`. Names and values of the
 * files are quoted in it.
 */
export function parsePolicy(files: readonly PolicyFile[]): Policy {
  if (files.length === 0) throw new PolicyError('BAD_SYNTAX', 'a policy needs at least one file');
  if (files.length > MAX_POLICY_FILES) {
    throw new PolicyError(
      'BAD_SYNTAX',
      `a policy has at most ${MAX_POLICY_FILES} files, not ${files.length}`,
    );
  }
  const faults = new Faults();
  const [first, ...rest] = readDocuments(files, faults);
  // Without a file, everything that refers to it would be a fault too.
  faults.check();
  if (first === undefined) throw new PolicyError('BAD_SYNTAX', 'a policy needs at least one file');
  const gathered = gather(first, rest, faults);
  const policy = resolve(gathered, identityOf(files), faults);
  faults.check();
  return policy;
}

function readDocuments(files: readonly PolicyFile[], faults: Faults): PolicyDocument[] {
  return files.flatMap((file) => {
    try {
      return [readDocument(file)];
    } catch (error) {
      faults.addUnreadable(error);
      return [];
    }
  });
}

function identityOf(files: readonly PolicyFile[]): string {
  const hash = createHash('sha256');
  for (const { octets } of files) hash.update(octets);
  return hash.digest('hex');
}

/** Of a rule that is off nothing is demanded that the head could have said. */
const NO_HEAD: GivenHead = {
  version: 1,
  serial: 0,
  defaults: { mode: 'off', on_no_match: 'refuse', on_log_failure: 'refuse', clock_skew: 0 },
};

function resolve(gathered: Gathered, sha256: string, faults: Faults): Policy {
  // With a faulty head, the rest is only looked at for more faults.
  const head = gathered.head ?? NO_HEAD;
  const parties = resolveParties(gathered, faults);
  const rules = resolveRules(gathered.rules, head.defaults, parties, faults);
  const ruleNames = new Set([...rules.map((rule) => rule.name), ...gathered.faultyNames]);
  return {
    sha256,
    serial: head.serial,
    ...(head.valid_until === undefined ? {} : { validUntil: head.valid_until }),
    onNoMatch: head.defaults.on_no_match,
    onLogFailure: head.defaults.on_log_failure,
    clockSkew: head.defaults.clock_skew,
    signers: parties.signers,
    rules,
    denials: gathered.denials.map((said) => denialOf(said, faults)),
    waivers: gathered.waivers.map((said) => waiverOf(said, ruleNames, faults)),
  };
}

function denialOf({ given, place }: Said<GivenDenial>, faults: Faults): Denial {
  const { sha256, fingerprint, since, reason } = given;
  if ((sha256 === undefined) === (fingerprint === undefined)) {
    faults.add('INCONSISTENT', place, 'must have either sha256 or fingerprint, and not both');
  } else if (since !== undefined && sha256 !== undefined) {
    const text = 'is for fingerprints only: an image with this digest is the same at any time; leave it out';
    faults.add('INCONSISTENT', within(place, 'since'), text);
  }
  return {
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(since === undefined ? {} : { since }),
    ...(reason === undefined ? {} : { reason }),
  };
}

function waiverOf(
  { given, place }: Said<GivenWaiver>,
  ruleNames: ReadonlySet<string>,
  faults: Faults,
): Waiver {
  if (!ruleNames.has(given.rule)) {
    faults.add('INCONSISTENT', within(place, 'rule'), `there is no rule "${given.rule}"`);
  }
  return given;
}
