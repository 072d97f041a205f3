import { describe, expect, it } from 'vitest';

import { hashInput, keySubject, subkeySubject, userIdSubject } from '../../src/openpgp/subject.ts';
import { EPOCH, TestKey, userId } from '../fixtures/test-key.ts';
import { unsigned } from './unsigned.ts';

const hex = (...parts: Uint8Array[]): string => Buffer.concat(parts).toString('hex');
const digits = (value: number, octets: number): string => value.toString(16).padStart(octets * 2, '0');

describe('the subject of a signature', () => {
  const v4 = new TestKey().key;
  const v6 = new TestKey({ version: 6 }).key;
  const of = {
    v4: `99${digits(v4.packet.body.length, 2)}${hex(v4.packet.body)}`,
    v6: `9b${digits(v6.packet.body.length, 4)}${hex(v6.packet.body)}`,
  };

  it('is the key, for signatures on a key', () => {
    expect(hex(keySubject(v4))).toBe(of.v4);
    expect(hex(keySubject(v6))).toBe(of.v6);
  });

  it('is the primary key and then the subkey, for signatures on a subkey', () => {
    expect(hex(subkeySubject(v4, v6))).toBe(of.v4 + of.v6);
  });

  it('is the key and the user ID with its length in four octets, for certifications', () => {
    expect(hex(userIdSubject(v4, userId('abc')))).toBe(`${of.v4}b400000003616263`);
    expect(hex(userIdSubject(v6, userId('')))).toBe(`${of.v6}b400000000`);
  });
});

describe('hashInput', () => {
  const subject = Buffer.from('subject');
  const created = `0502${digits(EPOCH, 4)}`;

  it('of version 4 is subject, hashed part and trailer', () => {
    const signature = unsigned({ type: 0x10, unhashed: [Buffer.of(2, 25, 1)] });
    expect(hex(hashInput(signature, subject))).toBe(`${hex(subject)}041016080006${created}04ff0000000c`);
  });

  it('of version 6 begins with the salt', () => {
    const tail = Buffer.concat([Buffer.of(0xab, 0xcd, 3, 7, 8, 9), Buffer.alloc(64)]);
    const signature = unsigned({ version: 6, type: 0x1f, algorithm: 27, tail });
    expect(hex(hashInput(signature, subject))).toBe(
      `070809${hex(subject)}061f1b0800000006${created}06ff0000000e`,
    );
  });

  it('of version 6 has an empty salt when the signature ends before it', () => {
    const signature = unsigned({ version: 6, tail: new Uint8Array() });
    expect(hex(hashInput(signature, subject))).toMatch(new RegExp(`^${hex(subject)}06`));
  });
});
