import { homedir } from 'node:os';
import { HkpClient } from '../hkp/client.ts';
import type { ImageReport } from '../integrity/report.ts';
import { verifyImage } from '../integrity/verify-image.ts';
import { keyringPlaces, publicRingOf } from '../keyring/location.ts';
import { PublicRing } from '../keyring/public-ring.ts';
import type { SifImage } from '../sif/image.ts';
import { wantsColour } from './colour.ts';
import { CliError } from './error.ts';
import { EXIT } from './exit-code.ts';
import type { ExitCode } from './exit-code.ts';
import { keystoreUrls } from './key/keystores.ts';
import { warnOfProblems } from './key/keyrings.ts';
import { printable } from './printable.ts';
import { progress } from './progress.ts';
import type { Progress } from './progress.ts';
import { withImage } from './sif/image-file.ts';
import { asWritten } from './standard-stream.ts';
import type { Terminal } from './terminal.ts';
import { failureOf } from './verify/failure.ts';
import { HostKeys } from './verify/host-keys.ts';
import type { LabelledRing } from './verify/host-keys.ts';
import { reportAsJson } from './verify/json-report.ts';
import { keyMaterial } from './verify/key-material.ts';
import type { KeyMaterial } from './verify/key-material.ts';
import { KeystoreQuestions } from './verify/keystore-questions.ts';
import { VERIFY_FORM, VERIFY_OPTIONS } from './verify/options.ts';
import type { VerifyArguments, VerifyOptions } from './verify/options.ts';
import { legacyAnswer } from './verify/legacy.ts';
import { exitCodeOfReport } from './verify/outcome.ts';
import { errorsOf } from './verify/reference-words.ts';
import { selectionOf } from './verify/selection.ts';
import { singularityJson } from './verify/singularity-json.ts';
import { reportAsText } from './verify/text-report.ts';
import { adviceOf, warningsOf } from './verify/warnings.ts';
import { version } from './version.ts';

export const options: VerifyOptions = VERIFY_OPTIONS;
export const form: string = VERIFY_FORM;

/** What is needed to verify, and what turned up on the way. */
interface Session {
  readonly args: VerifyArguments;
  readonly terminal: Terminal;
  /** Seconds since 1970: keys must be good now. */
  readonly at: number;
  readonly urls: readonly string[];
  readonly questions: KeystoreQuestions;
  readonly warnings: string[];
  readonly warn: (text: string) => void;
}

/** Verifies the signatures of an image, and says whose they are. */
export async function run(given: VerifyArguments, terminal: Terminal): Promise<ExitCode> {
  const args = { ...given, image: asWritten(given.image) };
  if (args.policy !== undefined) {
    // What a policy needs is much, and nothing else of verify needs it.
    const { verifyByPolicy } = await import('./verify/by-policy.ts');
    return verifyByPolicy(args, args.policy, terminal);
  }
  const session = begin(args, terminal);
  const selection = selectionOf(args['group-id'], args['sif-id']);
  const material = await keyMaterial(args, session.at);
  if (args['legacy-insecure'] === true && material.verifier !== undefined) {
    throw new CliError('USAGE', '--legacy-insecure looks for signatures by keys of the keyrings only');
  }
  const keys = hostKeys(session);
  terminal.err(`INFO:    Verifying image with ${printable(material.description)}\n`);
  try {
    return await withImage(args.image, async (image) => {
      if (args['legacy-insecure'] === true) return showLegacy(image, { selection, keys }, session);
      const report = await verify(image, { selection, material, keys }, session);
      return answer(report, image, session);
    });
  } catch (error) {
    const failure = failureOf(error);
    if (failure === undefined) throw error;
    terminal.err(`FATAL:   Failed to verify container: ${printable(failure.message)}\n`);
    return failure.exitCode;
  }
}

function begin(args: VerifyArguments, terminal: Terminal): Session {
  const warnings: string[] = [];
  const warn = (text: string): void => {
    warnings.push(text);
    terminal.err(`WARNING: ${printable(text)}\n`);
  };
  const urls = args.local === true ? [] : keystoreUrls(args.url);
  const clients = urls.map((url) => new HkpClient(url, { userAgent: `vouch/${version()}` }));
  const questions = new KeystoreQuestions(clients, warn);
  return { args, terminal, at: Math.floor(Date.now() / 1000), urls, questions, warnings, warn };
}

function hostKeys({ args, terminal, at, questions, warn }: Session): HostKeys {
  const { folders, globals } = keyringPlaces({
    named: args.keysdir,
    environment: process.env,
    home: homedir(),
  });
  const rings: LabelledRing[] = [
    ...globals.map(
      (path) => ({ label: 'GLOBAL', ring: new PublicRing(path, { confined: false, warn }) }) as const,
    ),
    ...folders.map(
      (folder) =>
        ({ label: 'LOCAL', ring: new PublicRing(publicRingOf(folder), { confined: true, warn }) }) as const,
    ),
  ];
  const onProblems = (path: string, problems: Parameters<typeof warnOfProblems>[1]): void =>
    warnOfProblems(path, problems, terminal);
  return new HostKeys({ rings, keystores: questions, at, warn, onProblems });
}

async function verify(
  image: SifImage,
  given: { selection: ReturnType<typeof selectionOf>; material: KeyMaterial; keys: HostKeys },
  { at, terminal }: Session,
): Promise<ImageReport> {
  const { verifier } = given.material;
  let bar: Progress | undefined;
  try {
    return await verifyImage(image, {
      selection: given.selection,
      at,
      ...(verifier === undefined ? { keys: given.keys } : { verifiers: [verifier] }),
      onProgress: (done, total) => {
        bar ??= progress(terminal, total, () => performance.now());
        bar.update(done, 'read');
      },
    });
  } finally {
    bar?.end();
  }
}

async function answer(report: ImageReport, image: SifImage, session: Session): Promise<ExitCode> {
  const { args, terminal, at, urls, questions, warnings, warn } = session;
  const exitCode = exitCodeOfReport(report, questions.complete);
  for (const warning of warningsOf(report)) warn(warning);
  if (args['json-singularity'] === true) {
    await terminal.out(singularityJson(report, image.descriptors, at));
  } else if (args.json === true) {
    const context = { image: args.image, exitCode, at, keysComplete: questions.complete, warnings };
    await terminal.out(reportAsJson(report, context));
  } else {
    await terminal.out(reportAsText(report, image.descriptors, { colour: wantsColour(), at }));
  }
  if (report.verified) {
    terminal.err(`INFO:    Verified signature(s) from image '${printable(args.image)}'\n`);
    return exitCode;
  }
  const [first = '', ...others] = errorsOf(report);
  terminal.err(`FATAL:   Failed to verify container: ${printable(first)}\n`);
  for (const error of others) terminal.err(`ERROR:   ${printable(error)}\n`);
  const named = args.key !== undefined || args.certificate !== undefined;
  const asked = { named, keystores: urls.length > 0, complete: questions.complete };
  for (const advice of adviceOf(report, asked)) terminal.err(`INFO:    ${printable(advice)}\n`);
  return exitCode;
}

async function showLegacy(
  image: SifImage,
  given: { selection: ReturnType<typeof selectionOf>; keys: HostKeys },
  { args, terminal, at }: Session,
): Promise<ExitCode> {
  const all = args.all === true;
  const { text, json, errors } = await legacyAnswer(image, { ...given, all }, { colour: wantsColour(), at });
  await terminal.out(args.json === true ? json : text);
  for (const error of errors) {
    terminal.err(`FATAL:   Failed to verify container: ${printable(error)}\n`);
  }
  return EXIT.evidenceBad;
}
