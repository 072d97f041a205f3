/*
 * Answers on their way from one thread to another: octets go over in one piece that is not copied, and the rest as JSON,
 * which is read in less than the time that copying the objects takes.
 */
import type { ExaminedCertificate } from '../../hkp/examine.ts';
import type { RefusedCertificate } from '../../hkp/submission.ts';
import { joinedTerms } from '../../keystore/term-octets.ts';
import type { ExamineAnswer } from './examine-order.ts';

export interface WrittenAnswers {
  /** JSON of `Written[]`. */
  readonly text: string;
  /** What the answers hold of octets, one after another in the order in which the text tells their lengths. */
  readonly octets: Uint8Array<ArrayBuffer>;
}

type Examined = Extract<ExamineAnswer, { kind: 'examined' }>;

/** An answer with lengths in the places of octets. */
type Written =
  | Exclude<ExamineAnswer, Examined>
  | {
      readonly kind: 'examined';
      readonly certificates: readonly (WrittenCertificate | RefusedCertificate)[];
      readonly revocations: readonly number[];
    };

type WrittenCertificate = Omit<ExaminedCertificate, 'record' | 'original'> & {
  /** Octets of the certificate, and of its terms as `joinedTerms` writes them. */
  readonly length: number;
  readonly termsLength: number;
};

export function writeAnswers(answers: readonly ExamineAnswer[]): WrittenAnswers {
  const parts: Uint8Array[] = [];
  const lengthOf = (octets: Uint8Array): number => {
    parts.push(octets);
    return octets.length;
  };
  const text = JSON.stringify(answers.map((answer) => written(answer, lengthOf)));
  return { text, octets: joined(parts) };
}

function written(answer: ExamineAnswer, lengthOf: (octets: Uint8Array) => number): Written {
  if (answer.kind !== 'examined') return answer;
  const certificates = answer.certificates.map((one) => {
    if ('code' in one) return one;
    const { version, fingerprint, fingerprints, record, leftOut, awaited } = one;
    return {
      version,
      fingerprint,
      fingerprints,
      leftOut,
      awaited,
      length: lengthOf(record.bytes),
      termsLength: lengthOf(joinedTerms(record.terms)),
    };
  });
  return { kind: 'examined', certificates, revocations: answer.revocations.map(lengthOf) };
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const part of parts) {
    all.set(part, end);
    end += part.length;
  }
  return all;
}

/** What `writeAnswers` wrote. Octets are views of those that came over. */
export function readAnswers({ text, octets }: WrittenAnswers): ExamineAnswer[] {
  let end = 0;
  const taken = (length: number): Uint8Array => octets.subarray(end, (end += length));
  // Nobody but `writeAnswers` makes it.
  const all: readonly Written[] = JSON.parse(text);
  return all.map((answer) => {
    if (answer.kind !== 'examined') return answer;
    const certificates = answer.certificates.map((one) => {
      if ('code' in one) return one;
      const { version, fingerprint, fingerprints, leftOut, awaited, length, termsLength } = one;
      const record = { fingerprint, bytes: taken(length), terms: bufferOf(taken(termsLength)) };
      return { version, fingerprint, fingerprints, record, leftOut, awaited };
    });
    return { kind: 'examined', certificates, revocations: answer.revocations.map(taken) };
  });
}

function bufferOf(octets: Uint8Array): Buffer {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length);
}
