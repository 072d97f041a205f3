import { describe, expect, it } from 'vitest';
import type { AdmitRequest } from '../../src/admission/request.ts';
import { KnownQuestions } from '../../src/daemon/known-questions.ts';
import { MAX_KNOWN_QUESTIONS, MAX_KNOWN_QUESTION_OCTETS } from '../../src/daemon/limits.ts';

function reader(): { readonly questions: KnownQuestions; readonly read: string[] } {
  const read: string[] = [];
  const questions = new KnownQuestions((body): AdmitRequest => {
    read.push(body.toString());
    if (body.length === 0) throw new Error('nothing is asked');
    return { images: [{ kind: 'path', path: body }], context: {}, wait: 0 };
  });
  return { questions, read };
}

const NUMBERS = Array.from({ length: MAX_KNOWN_QUESTIONS }, (_, i) => Buffer.from(String(i)));

describe('KnownQuestions', () => {
  it('reads the same octets once, and others anew, however little they differ', () => {
    const { questions, read } = reader();
    const first = questions.of(Buffer.from('é'));
    expect(questions.of(Buffer.from('é'))).toBe(first);
    expect(questions.of(Buffer.from('e'))).not.toBe(first);
    expect(questions.of(Buffer.from([0xc3]))).not.toBe(first);
    expect(read).toHaveLength(3);
  });

  it('says each time what is wrong with a body that asks nothing', () => {
    const { questions, read } = reader();
    expect(() => questions.of(Buffer.alloc(0))).toThrow('nothing is asked');
    expect(() => questions.of(Buffer.alloc(0))).toThrow('nothing is asked');
    expect(read).toHaveLength(2);
  });

  it('remembers no long ones, and not more than it may', () => {
    const { questions, read } = reader();
    const long = Buffer.alloc(MAX_KNOWN_QUESTION_OCTETS + 1, 0x61);
    questions.of(long);
    questions.of(long);
    expect(read).toHaveLength(2);
    for (const body of NUMBERS) questions.of(body);
    for (const body of NUMBERS) questions.of(body);
    expect(read).toHaveLength(2 + NUMBERS.length);
    questions.of(Buffer.from('one more'));
    questions.of(Buffer.from('0'));
    expect(read).toHaveLength(4 + NUMBERS.length);
  });
});
