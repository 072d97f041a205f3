import { beforeEach, describe, expect, it } from 'vitest';
import { memoryDb } from '../../src/admission/memory-db.ts';
import type { StateDb } from '../../src/admission/table.ts';
import { ConfigError } from '../../src/config/error.ts';
import { PolicyKeeper } from '../../src/daemon/policy-keeper.ts';
import { PolicyError } from '../../src/policy/error.ts';
import type { Finding } from '../../src/policy/finding.ts';
import type { Policy } from '../../src/policy/policy.ts';

let db: StateDb;
let file: string | undefined;
let findings: readonly Finding[];
let applied: Policy[];
let events: [string, Readonly<Record<string, unknown>>][];

beforeEach(() => {
  db = memoryDb();
  file = policy(2);
  findings = [];
  applied = [];
  events = [];
});

function policy(serial: number): string {
  return `version = 1\nserial = ${serial}\n`;
}

function keeper(): PolicyKeeper {
  return new PolicyKeeper({
    read: () => {
      if (file === undefined) throw new ConfigError('CONFIG_NOT_FOUND', 'there is no policy');
      return [{ name: 'policy.toml', octets: Buffer.from(file) }];
    },
    lint: () => findings,
    apply: (one) => {
      applied.push(one);
      return Promise.resolve();
    },
    serials: db.table<number>('policy'),
    event: (event, fields) => {
      events.push([event, fields]);
      return Promise.resolve();
    },
    now: () => Date.parse('2026-11-22T00:00:00Z'),
  });
}

async function refusal(reload: Promise<unknown>): Promise<string> {
  const error: unknown = await reload.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (error instanceof PolicyError || error instanceof ConfigError) return error.code;
  throw new Error('not refused', { cause: error });
}

describe('PolicyKeeper', () => {
  it('puts a good policy in force and says which it is', async () => {
    const one = keeper();
    expect(one.status).toBeUndefined();
    const first = await one.reload();
    expect(first).toMatchObject({ serial: 2, files: ['policy.toml'], rules: 0, signers: 0 });
    expect(first.previous).toBeUndefined();
    file = policy(3);
    expect((await one.reload()).previous).toBe(first.sha256);
    expect(applied.map(({ serial }) => serial)).toEqual([2, 3]);
    expect(events.map(([event]) => event)).toEqual(['policy_loaded', 'policy_loaded']);
  });

  it('AD18 keeps the last good policy when another is malformed, and heals with a good one', async () => {
    const one = keeper();
    const { sha256 } = await one.reload();
    file = 'version = ';
    expect(await refusal(one.reload())).toBe('BAD_SYNTAX');
    expect(one.status?.sha256).toBe(sha256);
    expect(one.problem).toMatchObject({ code: 'BAD_SYNTAX' });
    expect(one.failures).toBe(1);
    expect(events.at(-1)).toEqual([
      'policy_reload_failed',
      expect.objectContaining({ code: 'BAD_SYNTAX', in_force: sha256 }),
    ]);
    file = undefined;
    expect(await refusal(one.reload())).toBe('CONFIG_NOT_FOUND');
    file = policy(3);
    await one.reload();
    expect(one.problem).toBeUndefined();
    expect(applied.map(({ serial }) => serial)).toEqual([2, 3]);
  });

  it('AD19 refuses unknown and repeated keys', async () => {
    const one = keeper();
    file = `${policy(2)}serail = 3\n`;
    expect(await refusal(one.reload())).toBe('UNKNOWN_KEY');
    file = `${policy(2)}serial = 3\n`;
    expect(await refusal(one.reload())).toBe('BAD_SYNTAX');
    expect(applied).toEqual([]);
  });

  it('AD20 refuses a lower serial, also after a restart, unless the rollback is allowed', async () => {
    await keeper().reload();
    file = policy(1);
    const restarted = keeper();
    expect(await refusal(restarted.reload())).toBe('BAD_VALUE');
    expect(restarted.status).toBeUndefined();
    expect((await restarted.reload({ allowRollback: true })).serial).toBe(1);
    // The rollback is what counts from now on.
    expect((await keeper().reload()).serial).toBe(1);
  });

  it('refuses what linting finds wrong, and tells what it finds doubtful', async () => {
    const one = keeper();
    const finding = { code: 'NO_RULES', subject: 'policy', text: 'is odd', fix: 'mend it' } as const;
    findings = [{ ...finding, severity: 'error' }];
    expect(await refusal(one.reload())).toBe('INCONSISTENT');
    findings = [{ ...finding, severity: 'warning' }];
    expect((await one.reload()).warnings).toEqual(['policy: is odd; mend it']);
  });

  it('reads one after another', async () => {
    const one = keeper();
    const both = [one.reload(), one.reload()];
    const [first, second] = await Promise.all(both);
    expect(second?.previous).toBe(first?.sha256);
  });

  it('takes a candidate without putting it in force', () => {
    expect(keeper().candidate(policy(9)).serial).toBe(9);
    expect(() => keeper().candidate('x = 1')).toThrow(PolicyError);
    expect(applied).toEqual([]);
  });
});
