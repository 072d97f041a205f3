/* `vouch verify --policy`: what the daemon of a host with this policy would answer, without a daemon. */
import { existsSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import type { LocalSources } from '../../admission/keys/managed-key-book.ts';
import { keyringPlaces } from '../../keyring/location.ts';
import { parsePolicy } from '../../policy/parse-policy.ts';
import { wantsColour } from '../colour.ts';
import { decisionText } from '../daemon/decision-text.ts';
import { exitCodeOfDecision } from '../daemon/decision-exit.ts';
import { CliError } from '../error.ts';
import type { ExitCode } from '../exit-code.ts';
import { keystoreUrls } from '../key/keystores.ts';
import { openAlone } from '../policy/alone.ts';
import { policyFiles } from '../policy/policy-files.ts';
import { onFile } from '../sif/image-file.ts';
import type { Terminal } from '../terminal.ts';
import type { VerifyArguments } from './options.ts';

/** Flags that ask for something that a policy says by itself. */
const OTHER_QUESTIONS = [
  'group-id',
  'sif-id',
  'legacy-insecure',
  'key',
  'certificate',
  'json-singularity',
] as const;

export async function verifyByPolicy(
  args: VerifyArguments,
  file: string,
  terminal: Terminal,
): Promise<ExitCode> {
  const other = OTHER_QUESTIONS.find((flag) => args[flag] !== undefined);
  if (other !== undefined) {
    throw new CliError('USAGE', `--policy says what has to be signed and by whom; leave --${other} out`);
  }
  const policy = parsePolicy(await policyFiles([file], terminal));
  const path = await onFile(args.image, 'read', () => Promise.resolve(realpathSync(args.image, 'buffer')));
  const urls = args.local === true ? [] : keystoreUrls(args.url);
  const alone = await openAlone({ policy, sources: keyFiles(args.keysdir), urls }, terminal);
  try {
    const decision = await alone.decide(path);
    const json = args.json === true;
    await terminal.out(json ? `${JSON.stringify(decision)}\n` : decisionText(decision, wantsColour()));
    return exitCodeOfDecision(decision, false);
  } finally {
    await alone.close();
  }
}

/** The keyrings that `verify` reads, those that are there. */
function keyFiles(named: string | undefined): LocalSources {
  const places = keyringPlaces({ named, environment: process.env, home: homedir() });
  return {
    folders: places.folders.filter((folder) => existsSync(folder)),
    rings: places.globals.filter((ring) => existsSync(ring)),
  };
}
