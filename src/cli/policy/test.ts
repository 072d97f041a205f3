import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Decision } from '../../admission/decision.ts';
import type { StandAlone } from '../../admission/stand-alone.ts';
import { judgeCase, parseCases } from '../../policy/cases.ts';
import type { CaseResult, PolicyCase } from '../../policy/cases.ts';
import { PolicyError } from '../../policy/error.ts';
import { MAX_CASES_LENGTH } from '../../policy/limits.ts';
import { parsePolicy } from '../../policy/parse-policy.ts';
import type { ImageVerdict } from '../../policy/verdict.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { JSON_OUTPUT } from '../options.ts';
import type { Switch, TextFlag } from '../options.ts';
import { plural } from '../plural.ts';
import { printable } from '../printable.ts';
import { onFile } from '../sif/image-file.ts';
import type { Terminal } from '../terminal.ts';
import { openAlone } from './alone.ts';
import { policyFiles } from './policy-files.ts';

export const options: {
  readonly policy: TextFlag & { readonly demandOption: true };
  readonly keys: TextFlag & { readonly array: true; readonly nargs: 1 };
  readonly url: TextFlag;
  readonly json: Switch;
} = {
  policy: {
    type: 'string',
    requiresArg: true,
    demandOption: true,
    describe: 'the policy, file or folder',
  },
  keys: {
    type: 'string',
    array: true,
    nargs: 1,
    requiresArg: true,
    describe: 'folder of certificates that count as keys of this host; may be given several times',
  },
  url: {
    type: 'string',
    requiresArg: true,
    describe: 'keystore to ask; may be given several times [default: none]',
  },
  json: JSON_OUTPUT,
};

export const form = 'CASES --policy FILE [--keys DIR …] [--url URL …] [--json]';

type Repeated = string | readonly string[] | undefined;

export interface TestArguments {
  readonly cases: string;
  readonly policy: string;
  readonly keys: Repeated;
  readonly url: Repeated;
  readonly json: boolean | undefined;
}

interface Tried extends CaseResult {
  readonly of: PolicyCase;
  readonly decision: Decision;
}

/**
 * Tries a policy on the images of a table of cases, as a daemon would decide that sees them for the first time, in
 * the store. Exits 65 when a case comes out otherwise than it says.
 */
export async function run(args: TestArguments, terminal: Terminal): Promise<ExitCode> {
  const cases = parseCases(await casesText(args.cases), args.cases);
  const policy = parsePolicy(await policyFiles([args.policy], terminal));
  const sources = { folders: listOf(args.keys), rings: [] };
  const alone = await openAlone({ policy, sources, urls: listOf(args.url) }, terminal);
  try {
    const tried: Tried[] = [];
    for (const one of cases) tried.push(await tryCase(one, dirname(args.cases), alone));
    await terminal.out(args.json === true ? asJson(tried) : asText(tried));
    return tried.every(({ passed }) => passed) ? EXIT.done : EXIT.badInput;
  } finally {
    await alone.close();
  }
}

async function casesText(path: string): Promise<string> {
  return onFile(path, 'read', async () => {
    // A character has at most three octets for each of its UTF-16 units.
    if ((await stat(path)).size > 3 * MAX_CASES_LENGTH) {
      throw new PolicyError('BAD_CASES', `${path} is too long for a table of cases`);
    }
    return readFile(path, 'utf8');
  });
}

function listOf(given: Repeated): readonly string[] {
  if (given === undefined) return [];
  return typeof given === 'string' ? [given] : given;
}

async function tryCase(of: PolicyCase, folder: string, alone: StandAlone): Promise<Tried> {
  const image = resolve(folder, of.image);
  // An image that is not there is a fault of the table, whatever it expects.
  const real = await onFile(image, 'read', () => realpath(image, { encoding: 'buffer' }));
  const decision = await alone.decide(real, {
    // Where the file happens to lie for the test says nothing about how it will be bound.
    place: { path: of.path === undefined ? real : Buffer.from(of.path), binding: 'store' },
    ...(of.at !== undefined && { at: of.at * 1000 }),
  });
  return { of, decision, ...judgeCase(of, verdictOf(decision)) };
}

function verdictOf({ images, mode, verdict, effective, reasons }: Decision): ImageVerdict {
  const [image] = images;
  const waived = image?.waived === true;
  return { mode, verdict, effective, waived, reasons, signers: image?.signers ?? [] };
}

function asText(tried: readonly Tried[]): string {
  const lines = tried.map(({ of, passed, difference }) => {
    const name = `${printable(of.name)}: ${printable(of.image)}`;
    return passed ? `ok    ${name}\n` : `FAIL  ${name}: ${difference}\n`;
  });
  const passed = tried.filter((one) => one.passed).length;
  return `${lines.join('')}${passed} of ${plural(tried.length, 'case')} passed\n`;
}

function asJson(tried: readonly Tried[]): string {
  const cases = tried.map(({ of, passed, difference, decision }) => ({
    name: of.name,
    image: of.image,
    passed,
    ...(passed ? {} : { difference }),
    decision,
  }));
  return `${JSON.stringify({ passed: tried.every((one) => one.passed), cases })}\n`;
}
