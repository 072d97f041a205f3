import { bodyText } from './log-line.ts';
import type { CheckpointLine, LinePlace } from './log-line.ts';
import type { LogKey, PublicLogKey } from './log-key.ts';

/** A line that signs every line before it: their last hash, and how many they are. */
export function checkpointBody(
  { seq, prev }: LinePlace,
  { key, origin, time }: { key: LogKey; origin: string; time: string },
): string {
  const sig = key.sign(signedText({ seq, prev, origin, time }));
  return bodyText({ kind: 'checkpoint', time, origin, key: key.id, sig });
}

/** Why a checkpoint proves nothing; undefined: the key's owner signed what is before it. */
export function checkpointFault(line: CheckpointLine, key: PublicLogKey): string | undefined {
  if (line.key !== key.id) return `the checkpoint is signed with another key, ${line.key.slice(0, 16)}…`;
  // Base64 has spare bits: one signature is not to have several spellings.
  const plain = Buffer.from(line.sig, 'base64').toString('base64') === line.sig;
  return plain && key.verifies(signedText(line), line.sig)
    ? undefined
    : 'the signature of the checkpoint is invalid';
}

/** Line by line, so that nothing can be read in two ways; the origin, which is free text, is last. */
function signedText({ seq, prev, origin, time }: LinePlace & { origin: string; time: string }): string {
  return `vouch decision log checkpoint 1\n${seq}\n${prev}\n${time}\n${origin}\n`;
}
