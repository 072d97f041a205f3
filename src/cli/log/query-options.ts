import type { DecisionLine, LogLine } from '../../admission/log/log-line.ts';
import type { LineSelection } from '../../admission/log/read-lines.ts';
import { REASON_CLASS } from '../../policy/verdict.ts';
import { CliError } from '../error.ts';
import type { NumberFlag, TextFlag } from '../options.ts';

/** What picks lines. A type: yargs wants what has an index signature. */
export type QueryOptions = {
  readonly [name in 'since' | 'until' | 'verdict' | 'code' | 'path' | 'fingerprint' | 'sha256']: TextFlag;
} & { readonly uid: NumberFlag };

const text = (describe: string): TextFlag => ({ type: 'string', requiresArg: true, describe });

export const QUERY_OPTIONS: QueryOptions = {
  since: text('from this time on: 2026-11-22, 2026-11-22T12:00:00Z, or how long ago: 90s, 15m, 24h, 7d'),
  until: text('before this time'),
  uid: { type: 'number', requiresArg: true, describe: 'asked for by this user' },
  verdict: text('admit, refuse or undetermined'),
  code: text('with this reason, as KEY_REVOKED_HARD'),
  path: text('about this file, or files in this folder'),
  fingerprint: text('signed with this primary key'),
  sha256: text('about the image with this digest'),
};

export const QUERY_FORM =
  '[--since TIME] [--until TIME] [--uid N] [--verdict V] [--code C] [--path PATH] [--fingerprint F] [--sha256 D]';

export type QueryArguments = {
  readonly [name in Exclude<keyof QueryOptions, 'uid'>]: string | undefined;
} & { readonly uid: number | undefined };

type Test = (line: DecisionLine) => boolean;

/** Which decisions are asked for. Throws `USAGE` for what nothing can match. `now`: milliseconds since 1970. */
export function selectionOf(args: QueryArguments, now: number): LineSelection {
  const tests = [...wholeTests(args), ...imageTests(args)];
  const filter = (line: LogLine): boolean => line.kind === 'decision' && tests.every((test) => test(line));
  return {
    filter,
    ...(args.since === undefined ? {} : { since: timeOf('--since', args.since, now) }),
    ...(args.until === undefined ? {} : { until: timeOf('--until', args.until, now) }),
  };
}

function* wholeTests({ uid, verdict, code }: QueryArguments): Generator<Test> {
  if (uid !== undefined) {
    if (!Number.isInteger(uid) || uid < 0) throw new CliError('USAGE', '--uid must be the number of a user');
    yield ({ caller }) => caller.uid === uid;
  }
  if (verdict !== undefined) {
    if (!VERDICTS.has(verdict))
      throw new CliError('USAGE', `--verdict is one of ${[...VERDICTS].join(', ')}`);
    yield (line) => line.verdict === verdict;
  }
  if (code !== undefined) {
    const wanted = code.toUpperCase();
    if (!Object.hasOwn(REASON_CLASS, wanted)) throw new CliError('USAGE', `there is no reason ${code}`);
    yield ({ reasons, images }) =>
      [...reasons, ...images.flatMap((image) => image.reasons)].some((reason) => reason.code === wanted);
  }
}

const VERDICTS: ReadonlySet<string> = new Set(['admit', 'refuse', 'undetermined']);

function* imageTests({ path, fingerprint, sha256 }: QueryArguments): Generator<Test> {
  if (path !== undefined) {
    const folder = path.endsWith('/') ? path : `${path}/`;
    yield ({ images }) => images.some((image) => image.path === path || image.path.startsWith(folder));
  }
  if (fingerprint !== undefined) {
    const wanted = digits('--fingerprint', fingerprint, /^(?:[0-9A-F]{40}|[0-9A-F]{64})$/i).toUpperCase();
    yield ({ images }) => images.some(({ signers }) => signers.some((one) => one.fingerprint === wanted));
  }
  if (sha256 !== undefined) {
    const wanted = digits('--sha256', sha256.replace(/^sha256:/, ''), /^[0-9a-f]{64}$/i).toLowerCase();
    yield ({ images }) => images.some((image) => image.sha256 === wanted);
  }
}

function digits(flag: string, given: string, form: RegExp): string {
  const found = given.replace(/^0x|\s/g, '');
  if (!form.test(found)) throw new CliError('USAGE', `${flag} has too few or too many hexadecimal digits`);
  return found;
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function timeOf(flag: string, given: string, now: number): number {
  const [, count, unit = ''] = /^(\d{1,9})([smhd])$/.exec(given) ?? [];
  if (count !== undefined) return now - Number(count) * (UNITS[unit] ?? 0);
  // Without a zone ECMAScript takes a date for UTC and a time for local time; here both are UTC, as in the log.
  const time = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?$/.test(given)
    ? Date.parse(/T.*(?:Z|[+-]\d\d:\d\d)$|^[^T]*$/.test(given) ? given : `${given}Z`)
    : Number.NaN;
  if (Number.isNaN(time)) {
    throw new CliError('USAGE', `${flag} must be a time as 2026-11-22T12:00:00Z, or how long ago as 24h`);
  }
  return time;
}
