import { expect, test } from 'vitest';
import type { ExamineAnswer } from '../../../src/cli/dump/examine-order.ts';
import { readAnswers, writeAnswers } from '../../../src/cli/dump/written-answers.ts';
import type { Term } from '../../../src/keystore/keystore.ts';
import { joinedTerms } from '../../../src/keystore/term-octets.ts';

const TERMS: readonly Term[] = [
  { kind: 'userid', value: 'Zoë \u2028 "<z@example.org>' },
  { kind: 'word', value: 'zoë' },
];

const certificate = (fingerprint: string, terms: readonly Term[] | Buffer, ...octets: readonly number[]) => ({
  version: 4,
  fingerprint,
  fingerprints: [fingerprint, 'F'.repeat(40)],
  record: {
    fingerprint,
    bytes: Uint8Array.from(octets),
    terms,
  },
  leftOut: [{ what: 'signature', why: 'it is broken', count: 2 }],
  awaited: ['E'.repeat(40)],
});

const answers = (terms: readonly Term[] | Buffer): readonly ExamineAnswer[] => [
  { kind: 'needs the store' },
  {
    kind: 'examined',
    certificates: [
      certificate('A'.repeat(40), terms, 1, 2, 3),
      { version: 3, code: 'UNSUPPORTED_KEY', reason: 'a key of version 3' },
      certificate('B'.repeat(40), terms),
    ],
    revocations: [Uint8Array.of(4, 5), Uint8Array.of(6)],
  },
  { kind: 'refused', code: 'BAD_PACKET', reason: 'the packet at octet 0 is cut off' },
  { kind: 'examined', certificates: [certificate('C'.repeat(40), terms, 7)], revocations: [] },
];

test('answers are read as they were written', () => {
  expect(readAnswers(writeAnswers(answers(TERMS)))).toEqual(answers(joinedTerms(TERMS)));
});

test('what is only of the thread that examined stays there', () => {
  const [answer] = answers(joinedTerms(TERMS)).slice(3);
  const examined = { ...certificate('C'.repeat(40), TERMS, 7), original: { certificate: () => undefined } };
  // Of another shape than a certificate: it must not even be looked at.
  const sent = { kind: 'examined', certificates: [examined], revocations: [] } as unknown as ExamineAnswer;
  expect(readAnswers(writeAnswers([sent]))).toEqual([answer]);
});

test('octets can be handed over: nothing else shares their memory', () => {
  const { octets } = writeAnswers(answers([]));
  expect(octets.byteLength).toBe(octets.buffer.byteLength);
  expect([...octets]).toEqual([1, 2, 3, 4, 5, 6, 7]);
});
