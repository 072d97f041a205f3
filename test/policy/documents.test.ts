import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { FindingCode } from '../../src/policy/finding.ts';
import { lintPolicy } from '../../src/policy/lint.ts';
import { TABLE_KEYS } from '../../src/policy/policy-schema.ts';
import { policyOf } from './policy-text.ts';

const text = readFileSync(new URL('../../docs/policy.md', import.meta.url), 'utf8');
const shipped = readFileSync(new URL('../../config/policy.toml', import.meta.url), 'utf8');

/** Every code, or this does not compile. */
const CODES: Record<FindingCode, true> = {
  SCOPE_MISSING: true,
  LAXER_THAN_PARENT: true,
  RULE_UNREACHABLE: true,
  RULE_UNMEETABLE: true,
  BINDING_OUT_OF_REACH: true,
  NO_RULES: true,
  SIGNER_UNUSED: true,
  SIGNER_OVER: true,
  SIGNER_DENIED: true,
  DENIAL_REDUNDANT: true,
  WAIVER_OVER: true,
  WAIVER_DENIED: true,
  POLICY_ENDS_SOON: true,
  POLICY_OVER: true,
};

describe('docs/policy.md', () => {
  const blocks = [...text.matchAll(/^```toml\n([^]*?)^```$/gm)].map(([, block = '']) => block);

  it('begins with a policy that is complete and without doubts', () => {
    const policy = policyOf(blocks[0] ?? '');
    expect(policy.rules).toHaveLength(1);
    expect(lintPolicy(policy, () => ({ exists: true, rootOnly: true }), 0)).toEqual([]);
  });

  it('has examples that make one policy together', () => {
    const policy = policyOf(blocks.join('\n'));
    expect(policy.rules.map(({ name }) => name)).toEqual(['prod', 'released', 'home']);
    expect([policy.denials.length, policy.waivers.length]).toEqual([2, 1]);
  });

  it('explains every key and every code, as the shipped policy has every key', () => {
    const keys = [...TABLE_KEYS.values()].flat();
    expect(keys.filter((key) => !text.includes(`\`${key}\``) && !text.includes(`${key} = `))).toEqual([]);
    expect(keys.filter((key) => !new RegExp(`\\b${key}\\b`).test(shipped))).toEqual([]);
    expect(Object.keys(CODES).filter((code) => !text.includes(`\`${code}\``))).toEqual([]);
  });
});
