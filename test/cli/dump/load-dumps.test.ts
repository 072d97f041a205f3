import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DumpFile } from '../../../src/cli/dump/dump-file.ts';
import { LateRevocations } from '../../../src/cli/dump/late-revocations.ts';
import { CHECKS_IN_FLIGHT } from '../../../src/cli/dump/limits.ts';
import { loadDumps } from '../../../src/cli/dump/load-dumps.ts';
import type { LoadJob } from '../../../src/cli/dump/load-dumps.ts';
import type { LoadPlace } from '../../../src/cli/dump/load-state.ts';
import type { Submit, SubmissionReport } from '../../../src/hkp/submission.ts';
import { KeystoreError } from '../../../src/keystore/error.ts';

const COUNT = 100;
let folder: string;
let file: DumpFile;

/** Key packets of 40 octets whose seventh octet numbers them. */
function numbered(count: number): Buffer {
  return Buffer.concat(
    Array.from({ length: count }, (_, index) =>
      Buffer.concat([Uint8Array.of(0xc6, 40, 4, 0, 0, 0, 0, 22, index), Buffer.alloc(33)]),
    ),
  );
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vouch-load-'));
  const path = join(folder, 'ring.pgp');
  writeFileSync(path, numbered(COUNT));
  file = { path, size: statSync(path).size, modified: 0 };
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const accepted = (fingerprint: string): SubmissionReport => ({
  accepted: [{ version: 4, fingerprint, outcome: 'inserted', leftOut: [] }],
  refused: [],
});

const numberOf = (bytes: Uint8Array): number => bytes[8] ?? -1;

function job(
  submit: Submit,
  overrides: Partial<LoadJob> = {},
): LoadJob & { places: LoadPlace[]; order: string[] } {
  const places: LoadPlace[] = [];
  const order: string[] = [];
  return {
    places,
    order,
    files: [file],
    begin: { file: 0, offset: 0 },
    submit,
    atOnce: 32,
    late: new LateRevocations(),
    stopped: () => false,
    onRead: () => undefined,
    onOutcome: (outcome, { place }) => {
      places.push(place);
      order.push(
        ...outcome.accepted.map(({ fingerprint }) => fingerprint),
        ...outcome.refused.map(({ code }) => code),
      );
    },
    ...overrides,
  };
}

const tick = (times: number): Promise<void> =>
  Array.from({ length: times }).reduce<Promise<void>>(
    (before) => before.then(() => new Promise(setImmediate)),
    Promise.resolve(),
  );

describe('loadDumps', () => {
  it('checks several at once, and tells of them in the order of the file', async () => {
    let flying = 0;
    let most = 0;
    const load = job(async (bytes) => {
      flying += 1;
      most = Math.max(most, flying);
      // Later ones are done sooner.
      await tick(10 - (numberOf(bytes) % 10));
      flying -= 1;
      return accepted(String(numberOf(bytes)));
    });
    expect(await loadDumps(load)).toBe(true);
    expect(load.order).toEqual(Array.from({ length: COUNT }, (_, index) => String(index)));
    expect(load.places.at(-1)).toEqual({ file: 0, offset: file.size });
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(CHECKS_IN_FLIGHT);
  });

  it('begins where it is told', async () => {
    const load = job(async (bytes) => accepted(String(numberOf(bytes))), {
      begin: { file: 0, offset: 42 * 97 },
    });
    expect(await loadDumps(load)).toBe(true);
    expect(load.order).toEqual(['97', '98', '99']);
  });

  it('ends at what the store throws, notes no place after it, and leaves nothing running', async () => {
    let flying = 0;
    const load = job(async (bytes) => {
      flying += 1;
      await tick(3);
      flying -= 1;
      if (numberOf(bytes) === 50) throw new KeystoreError('WRITE_FAILED', 'the disk is full');
      return accepted(String(numberOf(bytes)));
    });
    await expect(loadDumps(load)).rejects.toMatchObject({ code: 'WRITE_FAILED' });
    expect(load.order).toEqual(Array.from({ length: 50 }, (_, index) => String(index)));
    expect(flying).toBe(0);
  });

  it('finishes what is in flight when it is stopped', async () => {
    const started: string[] = [];
    const load = job(
      async (bytes) => {
        started.push(String(numberOf(bytes)));
        await tick(2);
        return accepted(String(numberOf(bytes)));
      },
      { stopped: () => started.length >= 40 },
    );
    expect(await loadDumps(load)).toBe(false);
    expect(load.order).toEqual(started);
  });

  it('looks again at a revocation that was quicker than the certificate before it', async () => {
    const stored = new Set<number>();
    const load = job(async (bytes) => {
      const number = numberOf(bytes);
      // 7 stands for a bare revocation of 6, which takes long to check.
      if (number === 7 && !stored.has(6)) {
        return { accepted: [], refused: [{ code: 'REVOCATION_WITHOUT_CERTIFICATE', reason: '' }] };
      }
      if (number === 6) await tick(20);
      stored.add(number);
      return accepted(String(number));
    });
    await loadDumps(load);
    expect(load.order.slice(5, 9)).toEqual(['5', '6', '7', '8']);
  });

  /** 7 stands for a bare revocation of 60. */
  const revocationFirst = (): { submit: Submit; stored: Set<number> } => {
    const stored = new Set<number>();
    const submit: Submit = async (bytes) => {
      const number = numberOf(bytes);
      if (number === 7 && !stored.has(60)) {
        return { accepted: [], refused: [{ code: 'REVOCATION_WITHOUT_CERTIFICATE', reason: '' }] };
      }
      stored.add(number);
      return accepted(String(number));
    };
    return { submit, stored };
  };

  it('looks at a revocation that came before its certificate once more at the end', async () => {
    const load = job(revocationFirst().submit);
    expect(await loadDumps(load)).toBe(true);
    expect(load.order).toHaveLength(COUNT);
    expect(load.order.slice(5, 8)).toEqual(['5', '6', '8']);
    expect(load.order.at(-1)).toBe('7');
    expect(load.late.places).toEqual([]);
  });

  it('reads it again when the load was interrupted between the two', async () => {
    const { submit, stored } = revocationFirst();
    const first = job(submit, { stopped: () => stored.has(40) });
    expect(await loadDumps(first)).toBe(false);
    expect(first.late.places).toEqual([{ file: 0, offset: 42 * 7 }]);
    const begin = first.places.at(-1) ?? { file: 0, offset: 0 };
    const second = job(submit, { begin, late: new LateRevocations(first.late.places) });
    expect(await loadDumps(second)).toBe(true);
    expect(second.order.at(-1)).toBe('7');
  });

  it('refuses one whose certificate does not come', async () => {
    const load = job(async (bytes) =>
      numberOf(bytes) === 7
        ? { accepted: [], refused: [{ code: 'REVOCATION_WITHOUT_CERTIFICATE', reason: '' }] }
        : accepted(String(numberOf(bytes))),
    );
    await loadDumps(load);
    expect(load.order.filter((one) => one.startsWith('REVOCATION'))).toHaveLength(1);
    expect(load.order.at(-1)).toBe('REVOCATION_WITHOUT_CERTIFICATE');
  });
});
