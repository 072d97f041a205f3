import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { getQuestion } from '../../src/hkp/get.ts';
import {
  DEFAULT_HKP_LIMITS,
  MAX_QUESTION_LENGTH,
  MAX_READY_ANSWER_OCTETS,
  READY_PIECE_OCTETS,
} from '../../src/hkp/limits.ts';
import { machineQuestion } from '../../src/hkp/listing.ts';
import { Parameters } from '../../src/hkp/parameters.ts';
import { ReadyAnswers, type MadeAnswer, type Question } from '../../src/hkp/ready-answers.ts';
import type { HkpService } from '../../src/hkp/service.ts';
import { recordOf } from '../../src/hkp/terms.ts';
import { readyAnswer, type ReadyAnswer } from '../../src/http/ready-answer.ts';
import type { CertificateRecord, Keystore, Term, Touched, Watcher } from '../../src/keystore/keystore.ts';
import { MemoryKeystore } from '../../src/keystore/memory.ts';
import { parseCertificate } from '../../src/openpgp/certificate.ts';
import type { Packet } from '../../src/openpgp/packet.ts';
import { DAY, EPOCH, keyring, subpackets, TestKey, userId } from '../fixtures/test-key.ts';
import { recordingLog } from './harness.ts';

const ALICE: Term = { kind: 'email', value: 'alice@example.org' };
const BOB: Term = { kind: 'email', value: 'bob@example.org' };

/** A store of which only the changes are told. */
class Watched {
  readonly #watchers: Watcher[] = [];
  watch = (watcher: Watcher): void => void this.#watchers.push(watcher);

  touch(touched: Partial<Touched>): void {
    for (const watcher of this.#watchers) watcher({ fingerprint: 'F', terms: [], ...touched });
  }
}

function made(text: string, other: Partial<MadeAnswer> = {}): MadeAnswer {
  return { answer: readyAnswer('text/plain', text), terms: [ALICE], from: 0, until: Infinity, ...other };
}

function question(text: string, other: Partial<MadeAnswer> = {}, key = 'q'): Question {
  return { key, make: async () => made(text, other) };
}

const found = (answers: ReadyAnswers, key = 'q', now = 0): string | undefined =>
  answers.find(key, now)?.body.toString();

describe('a ready answer', () => {
  it('is given again without being made again', async () => {
    const answers = new ReadyAnswers(new Watched());
    await answers.give(question('one'), 0);
    expect((await answers.give(question('two'), 0)).body.toString()).toBe('one');
  });

  it('is kept of no store that others may change', async () => {
    const answers = new ReadyAnswers({});
    await answers.give(question('one'), 0);
    expect(found(answers)).toBeUndefined();
    expect((await answers.give(question('two'), 0)).body.toString()).toBe('two');
  });

  it('is dropped when a certificate with one of its terms changes, and only then', async () => {
    const store = new Watched();
    const answers = new ReadyAnswers(store);
    await answers.give(question('alice', { terms: [ALICE, BOB] }, 'alice'), 0);
    await answers.give(question('bob', { terms: [BOB] }, 'bob'), 0);
    store.touch({ terms: [{ kind: 'word', value: ALICE.value }] });
    expect(found(answers, 'alice')).toBe('alice');
    store.touch({ terms: [ALICE] });
    expect([found(answers, 'alice'), found(answers, 'bob')]).toEqual([undefined, 'bob']);
    store.touch({ terms: [BOB] });
    expect(found(answers, 'bob')).toBeUndefined();
  });

  it('is dropped by the fingerprint of the certificate, whatever its terms are', async () => {
    const store = new Watched();
    const answers = new ReadyAnswers(store);
    await answers.give(question('one', { terms: [{ kind: 'fingerprint', value: 'F' }] }), 0);
    store.touch({ fingerprint: 'F' });
    expect(found(answers)).toBeUndefined();
  });

  it('is not kept when anything changed while it was made', async () => {
    const store = new Watched();
    const answers = new ReadyAnswers(store);
    const slow: Question = {
      key: 'q',
      make: async () => {
        store.touch({ terms: [BOB] });
        return made('old');
      },
    };
    expect((await answers.give(slow, 0)).body.toString()).toBe('old');
    expect(found(answers)).toBeUndefined();
  });

  it('is given from the moment it is right, up to the moment it may not be', async () => {
    const answers = new ReadyAnswers(new Watched());
    await answers.give(question('one', { from: 10, until: 20 }), 15);
    expect([9, 10, 19, 20].map((now) => found(answers, 'q', now))).toEqual([
      undefined,
      'one',
      'one',
      undefined,
    ]);
    await answers.give(question('two', { from: 20, until: 30 }), 20);
    expect(found(answers, 'q', 20)).toBe('two');
  });

  it('is not kept when it is large, or when its question is long', async () => {
    const answers = new ReadyAnswers(new Watched());
    await answers.give(question('x'.repeat(MAX_READY_ANSWER_OCTETS + 1)), 0);
    expect(found(answers)).toBeUndefined();
    const long = 'q'.repeat(MAX_QUESTION_LENGTH + 1);
    await answers.give(question('one', {}, long), 0);
    expect(found(answers, long)).toBeUndefined();
  });

  it('gives way to newer ones when there are too many, and can be kept again', async () => {
    const store = new Watched();
    const answers = new ReadyAnswers(store, 2 * READY_PIECE_OCTETS);
    // Twice, as what is asked for once does not take the place of another.
    for (const key of ['a', 'b', 'c', 'd', 'e', 'f', 'g'].flatMap((letter) => [letter, letter]))
      await answers.give(question(key.repeat(MAX_READY_ANSWER_OCTETS), {}, key), 0);
    expect(found(answers, 'a')).toBeUndefined();
    expect(found(answers, 'g')?.at(-1)).toBe('g');
    for (let asked = 0; asked < 2; asked += 1) await answers.give(question('a', {}, 'a'), 0);
    expect(answers.keeps('a')).toBe(true);
    store.touch({ terms: [ALICE] });
    expect([found(answers, 'a'), found(answers, 'g')]).toEqual([undefined, undefined]);
  });

  it('does not take the place of another when it was asked for once', async () => {
    const answers = new ReadyAnswers(new Watched(), 2 * READY_PIECE_OCTETS);
    const ask = (key: string): Promise<unknown> =>
      answers.give(question(key.repeat(MAX_READY_ANSWER_OCTETS), {}, key), 0);
    for (const key of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) await ask(key);
    expect(['a', 'b', 'c', 'd', 'e', 'f', 'g'].filter((key) => answers.keeps(key))).toEqual(['a', 'b', 'c']);
    await ask('g');
    expect(answers.keeps('g')).toBe(true);
  });

  it('is not made of a refusal', async () => {
    const answers = new ReadyAnswers(new Watched());
    const refused: Question = { key: 'q', make: () => Promise.reject(new RangeError('no')) };
    await expect(answers.give(refused, 0)).rejects.toThrow(RangeError);
    expect(found(answers)).toBeUndefined();
  });
});

/* Any order of writes, lookups and time gives what it gives without anything kept. */

const KEYS = [new TestKey(), new TestKey()];
const SUBKEYS = [new TestKey({ subkey: true }), new TestKey({ subkey: true })];
const NAMES = ['Alice <alice@example.org>', 'Bob Alice <bob@example.org>', 'carol'];

/** A certificate of one of the keys: with a name and a subkey, for some days or for ever. */
interface Variant {
  readonly key: number;
  readonly names: readonly number[];
  readonly subkey: number | undefined;
  readonly days: number;
}

function recordFor({ key: index, names, subkey: bound, days }: Variant): CertificateRecord {
  const key = KEYS[index] ?? new TestKey();
  const subkey = bound === undefined ? undefined : SUBKEYS[bound];
  const hashed = days === 0 ? [] : [subpackets.keyExpires(days * DAY)];
  const packets: Packet[] = [key.key.packet];
  for (const name of new Set(names)) {
    const packet = userId(NAMES[name] ?? '');
    packets.push(packet, key.certify(packet, { hashed }));
  }
  if (subkey !== undefined) packets.push(subkey.key.packet, key.bind(subkey, { flags: 0x0c }));
  return recordOf(parseCertificate(keyring(...packets)));
}

const QUERIES = [
  ...[...KEYS, ...SUBKEYS].flatMap(({ key }) => [
    `op=get&search=0x${key.fingerprint}`,
    `op=get&search=0x${key.keyId}`,
    `op=get&search=0x${key.keyId.slice(-8)}`,
    `op=index&options=mr&search=0x${key.fingerprint}`,
  ]),
  ...['alice@example.org', 'bob@example.org', 'alice', 'carol', 'Bob+Alice'].flatMap((text) => [
    `op=get&search=${text}`,
    `op=get&search=${text}&exact=on`,
    `op=index&options=mr&search=${text}`,
    `op=index&options=mr&x-pagesize=1&search=${text}`,
  ]),
];

/** Reads now and answers later, so that other things come between. */
function slowReads(store: Keystore): Pick<Keystore, 'bytes' | 'find'> {
  const later = async <T>(value: Promise<T>): Promise<T> => {
    const read = await value;
    for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    return read;
  };
  return {
    bytes: (fingerprint) => later(store.bytes(fingerprint)),
    find: (terms, page) => later(store.find(terms, page)),
  };
}

class Machine {
  readonly clock = { seconds: EPOCH };
  readonly keystore = new MemoryKeystore({ now: () => this.clock.seconds * 1000 });
  readonly answers = new ReadyAnswers(this.keystore);

  question(query: string, keystore: Pick<Keystore, 'bytes' | 'find'> = this.keystore): Question {
    const parameters = new Parameters(query);
    const service = {
      keystore,
      answers: this.answers,
      limits: DEFAULT_HKP_LIMITS,
      log: recordingLog([]),
      now: () => this.clock.seconds * 1000,
    };
    const whole = service as unknown as HkpService;
    return machineQuestion(whole, parameters) ?? getQuestion(whole, parameters);
  }

  /** What is said, with what is kept and without. */
  async both(query: string): Promise<readonly string[]> {
    const asked = this.question(query);
    const kept = this.answers.give(asked, this.clock.seconds * 1000);
    return Promise.all([kept, asked.make().then(({ answer }) => answer)].map(said));
  }

  slowly(query: string): Promise<string> {
    return said(this.answers.give(this.question(query, slowReads(this.keystore)), this.clock.seconds * 1000));
  }
}

function said(answer: Promise<ReadyAnswer>): Promise<string> {
  return answer.then(
    ({ body, type, tag, more }) => `${[...more, type, tag].join('\n')}\n\n${body.toString('latin1')}`,
    (error: unknown) => String(error),
  );
}

const variant = fc.record({
  key: fc.nat(KEYS.length - 1),
  names: fc.array(fc.nat(NAMES.length - 1), { minLength: 1, maxLength: 2 }),
  subkey: fc.option(fc.nat(SUBKEYS.length - 1), { nil: undefined }),
  days: fc.nat(3),
});

type Step = (machine: Machine) => Promise<void>;

async function hold({ keystore }: Machine, its: Variant): Promise<void> {
  const record = recordFor(its);
  await keystore.update(record.fingerprint, () => record);
}

const step: fc.Arbitrary<Step> = fc.oneof(
  variant.map(
    (its): Step =>
      (machine) =>
        hold(machine, its),
  ),
  // The first drops what is ready, so that it is read again, and the second comes between.
  fc.tuple(variant, variant).map(([one, other]): Step => async (machine) => {
    await hold(machine, one);
    const pending = QUERIES.map((query) => machine.slowly(query));
    await hold(machine, other);
    await Promise.all(pending);
  }),
  fc.nat(KEYS.length - 1).map((index): Step => async ({ keystore, clock }) => {
    const { fingerprint } = KEYS[index] ?? new TestKey();
    await keystore.remove({ fingerprint, time: clock.seconds * 1000, by: 'owner', reason: '' });
    await keystore.unblock(fingerprint);
  }),
  fc.integer({ min: -1, max: 2 }).map((days): Step => async ({ clock }) => {
    clock.seconds += days * DAY;
  }),
);

describe('lookups with ready answers', () => {
  it('say what they say without, whatever is written between them and however long they take', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 16 }), async (steps) => {
        const machine = new Machine();
        for (const each of steps) {
          await each(machine);
          for (const query of QUERIES) {
            const [kept, fresh] = await machine.both(query);
            expect(kept).toBe(fresh);
          }
        }
      }),
      { numRuns: 40 },
    );
  });
});
