import type { Note } from './check-result.ts';
import { KEEP } from './ruling.ts';
import type { Ruling } from './ruling.ts';
import type { Vote } from './votes.ts';
import { timeText } from './wording.ts';

/** Whether the signer counts now, and for signatures of this date. Starts are inclusive, ends exclusive. */
export function judgeWindow({ signer, signature, key }: Vote, now: number): Ruling {
  const notes: Note[] = [];
  const outside = (what: string): void => {
    notes.push({
      code: 'OUTSIDE_WINDOW',
      text: `${signer.name} ${what}`,
      fix: `have the image signed anew in time, or change the window of ${signer.name} in the policy`,
      fingerprint: key.fingerprint,
      source: 'policy',
    });
  };
  const { validFrom, validUntil, signedAfter, signedBefore } = signer;
  if (validFrom !== undefined && now < validFrom) outside(`counts only from ${timeText(validFrom)} on`);
  if (validUntil !== undefined && now >= validUntil) outside(`counted only until ${timeText(validUntil)}`);
  const { created, id } = signature;
  if (signedAfter !== undefined && (created === undefined || created < signedAfter)) {
    outside(`counts only for signatures made after ${timeText(signedAfter)}, and signature ${id} was not`);
  }
  if (signedBefore !== undefined && (created === undefined || created >= signedBefore)) {
    outside(`counts only for signatures made before ${timeText(signedBefore)}, and signature ${id} was not`);
  }
  return notes.length === 0 ? KEEP : { effect: 'strike', notes };
}
