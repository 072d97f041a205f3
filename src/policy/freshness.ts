/* Whether what is known of a key is new enough: a revocation that nobody asked for is not known. */
import type { Note } from './check-result.ts';
import { KEEP } from './ruling.ts';
import type { Ruling } from './ruling.ts';
import type { Vote } from './votes.ts';
import { durationText, timeText } from './wording.ts';

export function judgeFreshness(vote: Vote, maxStaleness: number, now: number): Ruling {
  const { signer, key } = vote;
  const { standing } = key;
  const concerned = signer.origins.includes('keystore') || signer.requirePresent;
  if (!standing.asked || !concerned) return KEEP;
  const told = carrierNotes(vote);
  if (standing.lastAnswer === undefined || now - standing.lastAnswer >= maxStaleness) {
    return { effect: 'doubt', notes: [staleNote(vote, maxStaleness), ...told] };
  }
  const absent = standing.vanished || standing.lastPresent === undefined;
  if (signer.requirePresent && absent) {
    return { effect: 'strike', notes: [vanishedNote(vote), ...told] };
  }
  if (!standing.vanished) return keepTelling(told);
  if (standing.lastPresent !== undefined && now - standing.lastPresent < maxStaleness) {
    return { effect: 'keep', notes: [vanishedNote(vote), ...told] };
  }
  return { effect: 'doubt', notes: [goneStaleNote(vote, maxStaleness), ...told] };
}

function keepTelling(notes: readonly Note[]): Ruling {
  return notes.length === 0 ? KEEP : { effect: 'keep', notes };
}

function staleNote({ signer, key }: Vote, maxStaleness: number): Note {
  const { lastAnswer } = key.standing;
  const since = lastAnswer === undefined ? 'ever answered' : `answered since ${timeText(lastAnswer)}`;
  return {
    code: 'KEY_STALE',
    text: `no keystore has ${since} about ${signer.name}’s key; ${durationText(maxStaleness)} are allowed`,
    fix: 'see whether the keystores can be reached, then: vouch refresh',
    fingerprint: key.fingerprint,
  };
}

/** Gone for longer than an unreachable keystore would be borne: news would not come either. */
function goneStaleNote({ signer, key }: Vote, maxStaleness: number): Note {
  const { lastPresent } = key.standing;
  const since = lastPresent === undefined ? '' : ` since ${timeText(lastPresent)}`;
  return {
    code: 'KEY_STALE',
    text: `${signer.name}’s key is gone from the keystore${since}; ${durationText(maxStaleness)} are allowed`,
    fix: `have ${signer.name} push the key again, then: vouch refresh`,
    fingerprint: key.fingerprint,
  };
}

function vanishedNote({ signer, key }: Vote): Note {
  const { lastPresent } = key.standing;
  const last = lastPresent === undefined ? 'is not on the keystore' : 'is gone from the keystore';
  const when = lastPresent === undefined ? '' : `, which had it last on ${timeText(lastPresent)}`;
  return {
    code: 'KEY_VANISHED',
    text: `${signer.name}’s key ${last}${when}; that does not revoke it`,
    fix: `ask the keystore’s operator why; have ${signer.name} push the key again`,
    fingerprint: key.fingerprint,
    source: 'REMOTE',
  };
}

/** A keystore that gives less or something else is told of, and cannot change what was seen. */
function carrierNotes({ signer, key }: Vote): readonly Note[] {
  const about = { fingerprint: key.fingerprint, source: 'REMOTE' };
  const fix = 'ask the keystore’s operator; what was seen before is kept';
  const notes: Note[] = [];
  if (key.standing.rollback) {
    const text = `a keystore gives less of ${signer.name}’s key than before: a revocation or a newer statement is missing`;
    notes.push({ code: 'KEYSTORE_ROLLBACK', text, fix, ...about });
  }
  if (key.standing.conflict) {
    const text = `a keystore gives another certificate than ${signer.name}’s; its answer is not used`;
    notes.push({ code: 'KEYSTORE_CONFLICT', text, fix, ...about });
  }
  return notes;
}
