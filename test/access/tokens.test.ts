import { describe, expect, it } from 'vitest';
import { MAX_TOKENS } from '../../src/access/limits.ts';
import type { TokenOrder } from '../../src/access/token-order.ts';
import { createTokens, type Tokens } from '../../src/access/tokens.ts';
import type { Document, Keystore } from '../../src/keystore/keystore.ts';
import { MemoryKeystore } from '../../src/keystore/memory.ts';

const NO_RULES = { fingerprints: [], emails: [], domains: [] };
const ORDER: TokenOrder = { name: 'ci', role: 'push', rules: NO_RULES };
const NOON = 1_800_000_000_000;
const MINUTE = 60_000;

interface Bench {
  readonly clock: { now: number };
  readonly keystore: Keystore;
  readonly tokens: Tokens;
}

/** Octets that are different each time, and the same in each run. */
function counting(): (octets: number) => Uint8Array {
  let count = 0;
  return (octets) => {
    const bytes = Buffer.alloc(octets, 0xa0);
    bytes.writeUInt32BE((count += 1), octets - 4);
    return bytes;
  };
}

function bench(keystore: Keystore = new MemoryKeystore({ now: () => NOON })): Bench {
  const clock = { now: NOON };
  return { clock, keystore, tokens: createTokens(keystore, { now: () => clock.now, random: counting() }) };
}

/** Only the documents of a store, which can be changed between a read and the write that follows it. */
class InterruptedKeystore extends MemoryKeystore {
  beforePut: (() => Promise<unknown>) | undefined;

  override async putDocument(kind: string, id: string, value: unknown, expected: number): Promise<boolean> {
    const act = this.beforePut;
    this.beforePut = undefined;
    await act?.();
    return super.putDocument(kind, id, value, expected);
  }
}

async function documents(keystore: Keystore): Promise<Document[]> {
  const found: Document[] = [];
  for await (const document of keystore.documents('token')) found.push(document);
  return found;
}

describe('a new token', () => {
  it('A7 is given out once, and only the hash of its secret is kept', async () => {
    const { tokens, keystore } = bench();
    const { record, text } = await tokens.add(ORDER);
    expect(text).toMatch(new RegExp(`^vouch_${record.id}_[0-9a-f]{64}$`));
    const kept = JSON.stringify(await documents(keystore));
    expect(kept).toContain(record.id);
    expect(kept).not.toContain(text.slice(-64));
  });

  it('is good for whoever has it, and its last use is noted', async () => {
    const { tokens, clock } = bench();
    const { record, text } = await tokens.add({ ...ORDER, expires: NOON + MINUTE });
    clock.now += 5;
    expect(await tokens.verify(text)).toEqual({ ...record, lastUsed: NOON + 5 });
    expect(await tokens.list()).toEqual([{ ...record, lastUsed: NOON + 5 }]);
  });

  it.each<[string, Partial<TokenOrder>]>([
    ['no name', { name: '' }],
    ['a name that is too long', { name: 'n'.repeat(65) }],
    ['spaces around its name', { name: ' ci' }],
    ['a line end in its name', { name: 'c\ni' }],
    ['letters that turn the line round in its name', { name: 'c\u202ei' }],
    ['an end in the past', { expires: NOON }],
    ['an end that is no number', { expires: Number.NaN }],
    ['half a fingerprint', { rules: { ...NO_RULES, fingerprints: ['DEADBEEF'] } }],
    ['an address without a domain', { rules: { ...NO_RULES, emails: ['alice'] } }],
    ['an address as a domain', { rules: { ...NO_RULES, domains: ['alice@example.org'] } }],
    ['no domain', { rules: { ...NO_RULES, domains: ['@'] } }],
    ['too many rules', { rules: { ...NO_RULES, domains: Array.from({ length: 65 }, (_, n) => `d${n}`) } }],
  ])('is not made with %s', async (_, part) => {
    const { tokens, keystore } = bench();
    await expect(tokens.add({ ...ORDER, ...part })).rejects.toMatchObject({ code: 'BAD_TOKEN' });
    expect(await documents(keystore)).toEqual([]);
  });

  it('has its rules in the form that is compared, each once', async () => {
    const { tokens } = bench();
    const groups = 'abcd ef01 2345 6789 abcd  ef01 2345 6789 abcd ef01';
    const { record } = await tokens.add({
      ...ORDER,
      rules: {
        fingerprints: [groups, `0x${groups.replaceAll(' ', '')}`],
        emails: ['Alice@Example.ORG'],
        domains: ['@Example.org', 'example.org'],
      },
    });
    expect(record.rules).toEqual({
      fingerprints: ['ABCDEF0123456789ABCDEF0123456789ABCDEF01'],
      emails: ['alice@example.org'],
      domains: ['example.org'],
    });
  });
});

describe('a token that is not good', () => {
  it('A11 is told apart as revoked or expired, but only to those who have its secret', async () => {
    const { tokens, clock } = bench();
    const revoked = await tokens.add(ORDER);
    const expired = await tokens.add({ ...ORDER, expires: NOON + MINUTE });
    await tokens.revoke(revoked.record.id);
    clock.now = NOON + MINUTE;
    expect(await tokens.verify(revoked.text)).toBe('revoked');
    expect(await tokens.verify(expired.text)).toBe('expired');
    for (const { text } of [revoked, expired]) {
      expect(await tokens.verify(`${text.slice(0, -1)}f`)).toBe('unknown');
    }
  });

  it.each([
    ['', 'nothing'],
    ['sesame', 'a word'],
    [`vouch_${'0'.repeat(16)}_${'0'.repeat(64)}`, 'an ID that nobody has, with any secret'],
    [`vouch_${'0'.repeat(16)}_`, 'no secret'],
  ])('%j is unknown: %s', async (text) => {
    const { tokens } = bench();
    await tokens.add(ORDER);
    expect(await tokens.verify(text)).toBe('unknown');
  });

  it("is unknown by its ID alone, by another token's secret and with anything around it", async () => {
    const { tokens } = bench();
    const one = await tokens.add(ORDER);
    const other = await tokens.add(ORDER);
    const mixed = one.text.slice(0, -64) + other.text.slice(-64);
    for (const text of [one.record.id, mixed, `${one.text} `, one.text.toUpperCase(), `${one.text}0`]) {
      expect(await tokens.verify(text)).toBe('unknown');
    }
  });

  it('lets nobody in when what is kept of it cannot be read', async () => {
    const { tokens, keystore } = bench();
    const { record, text } = await tokens.add(ORDER);
    for (const damage of [
      { hash: '' },
      { role: 'root' },
      { expires: '2030' },
      { rules: null },
      { name: 1 },
    ]) {
      const version = (await keystore.document('token', record.id))?.version ?? 0;
      await keystore.putDocument('token', record.id, { ...record, ...damage }, version);
      await expect(tokens.verify(text)).rejects.toMatchObject({ code: 'CORRUPT_TOKEN' });
    }
  });
});

describe('the last use of a token', () => {
  it('is written once a minute at the most', async () => {
    const { tokens, keystore, clock } = bench();
    const { text, record } = await tokens.add(ORDER);
    const version = async (): Promise<number> => (await keystore.document('token', record.id))?.version ?? 0;
    await tokens.verify(text);
    const first = await version();
    clock.now += MINUTE - 1;
    await tokens.verify(text);
    expect(await version()).toBe(first);
    clock.now += 1;
    await tokens.verify(text);
    expect(await version()).toBe(first + 1);
  });

  it('never undoes a revocation at the same moment', async () => {
    const keystore = new InterruptedKeystore({ now: () => NOON });
    const { tokens } = bench(keystore);
    const { text, record } = await tokens.add(ORDER);
    keystore.beforePut = () => tokens.revoke(record.id);
    await tokens.verify(text);
    expect(await tokens.verify(text)).toBe('revoked');
  });
});

describe('revoking', () => {
  it('takes an ID or the whole token, and keeps the time of the first', async () => {
    const { tokens, clock } = bench();
    const one = await tokens.add(ORDER);
    const other = await tokens.add(ORDER);
    expect((await tokens.revoke(one.record.id)).revoked).toBe(NOON);
    clock.now += 1;
    expect((await tokens.revoke(one.record.id)).revoked).toBe(NOON);
    expect((await tokens.revoke(other.text)).id).toBe(other.record.id);
    expect(await tokens.verify(other.text)).toBe('revoked');
  });

  it('wins against a use of the token at the same moment', async () => {
    const keystore = new InterruptedKeystore({ now: () => NOON });
    const { tokens } = bench(keystore);
    const { text, record } = await tokens.add(ORDER);
    keystore.beforePut = () => tokens.verify(text);
    await tokens.revoke(record.id);
    expect(await tokens.verify(text)).toBe('revoked');
  });

  it.each(['', 'f'.repeat(16), 'no such', 'x'.repeat(5000)])('refuses %j, which is no token', async (id) => {
    const { tokens } = bench();
    await expect(tokens.revoke(id)).rejects.toMatchObject({ code: 'NO_SUCH_TOKEN' });
  });
});

describe('the number of tokens', () => {
  it('is bounded: the oldest that is no longer good makes room, a good one never', async () => {
    const { tokens, keystore, clock } = bench();
    const { record } = await tokens.add({ ...ORDER, expires: NOON + MINUTE });
    for (let count = 1; count < MAX_TOKENS; count += 1) {
      const id = count.toString(16).padStart(16, '0');
      await keystore.putDocument('token', id, { ...record, id, expires: undefined }, 0);
    }
    await expect(tokens.add(ORDER)).rejects.toMatchObject({ code: 'TOO_MANY_TOKENS' });
    clock.now = NOON + MINUTE;
    const made = await tokens.add(ORDER);
    const held = (await tokens.list()).map(({ id }) => id);
    expect(held).toHaveLength(MAX_TOKENS);
    expect(held).toContain(made.record.id);
    expect(held).not.toContain(record.id);
  });
});
