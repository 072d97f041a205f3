import { describe, expect, it } from 'vitest';
import { MessageMemo } from '../../src/admission/message-memo.ts';
import { TestKey } from '../fixtures/test-key.ts';
import { certificateOf, signedText } from '../openpgp/signed-text.ts';

const key = new TestKey();
const message = (n: number): string =>
  Buffer.from(signedText(key, { created: 1_710_000_000 + n })).toString('base64');

describe('MessageMemo', () => {
  it('finds out once who made a signature, then answers without waiting', async () => {
    const memo = new MessageMemo({ messages: 10, characters: 1e6, certificates: 10 });
    const certificate = await certificateOf(key);
    const finding = memo.read(message(1))?.madeBy(certificate);
    expect(finding).toBeInstanceOf(Promise);
    expect(memo.read(message(1))?.madeBy(certificate)).toBe(finding);
    expect((await finding)?.fingerprint).toBe(key.fingerprint);
    expect(memo.read(message(1))?.madeBy(certificate)).toMatchObject({ fingerprint: key.fingerprint });
  });

  it('remembers no more messages, characters and certificates than it may, those asked for last', async () => {
    const few = new MessageMemo({ messages: 2, characters: 1e6, certificates: 10 });
    const first = few.read(message(1));
    few.read(message(2));
    expect(few.read(message(1))).toBe(first);
    few.read(message(3));
    expect(few.read(message(1))).toBe(first);
    expect(few.size).toBe(2);
    const small = new MessageMemo({ messages: 10, characters: message(1).length + 10, certificates: 10 });
    small.read(message(1));
    small.read(message(2));
    expect(small.size).toBe(1);
    const one = new MessageMemo({ messages: 1, characters: 1e6, certificates: 1 }).read(message(1));
    const [a, b] = [await certificateOf(key), await certificateOf(new TestKey())];
    await one?.madeBy(a);
    await one?.madeBy(b);
    expect(one?.madeBy(a)).toBeInstanceOf(Promise);
  });

  it('remembers nothing that cannot be read', () => {
    const memo = new MessageMemo({ messages: 2, characters: 1e6, certificates: 1 });
    expect(memo.read('AAAA')).toBeUndefined();
    expect(memo.size).toBe(0);
  });
});
