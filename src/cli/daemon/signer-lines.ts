import type { SignerVerdict } from '../../policy/verdict.ts';
import { printable } from '../printable.ts';
import { KEY_STATES } from './key-states.ts';

/** Columns of a label, as Singularity's output has them. */
const LABEL_WIDTH = 18;

const COLOURS: Readonly<Record<SignerVerdict['source'], number>> = {
  LOCAL: 32,
  REMOTE: 33,
  'LOCAL+REMOTE': 32,
  SEEN: 31,
};

/** In Singularity's words: whose signature, by which key, and what is wrong with the key if anything. */
export function signerLines(signer: SignerVerdict, colour: boolean): string {
  const { source, name, fingerprint, keyState } = signer;
  const prefix = labelOf(source, colour);
  const state = keyState === 'good' ? '' : `${prefix} Key: ${KEY_STATES[keyState]}\n`;
  const entity = name === undefined ? 'nobody of the policy' : printable(name);
  return `${prefix} Signing entity: ${entity}\n${prefix} Fingerprint: ${printable(fingerprint)}\n${state}`;
}

function labelOf(source: SignerVerdict['source'], colour: boolean): string {
  const shown = `[${source}]`;
  const space = ' '.repeat(LABEL_WIDTH - shown.length);
  return colour ? `\x1b[${COLOURS[source]}m${shown}\x1b[0m${space}` : `${shown}${space}`;
}
