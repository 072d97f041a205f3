import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { policyJsonSchema } from '../../src/policy/json-schema.ts';
import { HEAD_KEYS, LIST_KEYS, TABLE_KEYS } from '../../src/policy/policy-schema.ts';

interface Schema {
  readonly type?: string;
  readonly properties?: Record<string, Schema>;
  readonly items?: Schema;
  readonly additionalProperties?: boolean;
  readonly pattern?: string;
}

function parts(schema: Schema): Schema[] {
  const inner = [
    ...Object.values(schema.properties ?? {}),
    ...(schema.items === undefined ? [] : [schema.items]),
  ];
  return [schema, ...inner.flatMap(parts)];
}

describe('policyJsonSchema', () => {
  const schema = policyJsonSchema() as Schema;

  it('is what config/policy.schema.json has (else: npm run build; node scripts/policy-schema.mjs)', () => {
    const published = readFileSync(new URL('../../config/policy.schema.json', import.meta.url), 'utf8');
    expect(JSON.parse(published)).toEqual(JSON.parse(JSON.stringify(schema)));
  });

  it('has every key that policies have, and refuses others', () => {
    expect(Object.keys(schema.properties ?? {})).toEqual([...HEAD_KEYS, ...LIST_KEYS]);
    for (const [path, keys] of TABLE_KEYS) {
      const table = path.split('.').reduce<Schema | undefined>((at, key) => {
        const inner = at?.properties?.[key];
        return inner?.items ?? inner;
      }, schema);
      expect([path, Object.keys(table?.properties ?? {})]).toEqual([path, keys]);
    }
    const tables = parts(schema).filter(({ properties }) => properties !== undefined);
    expect(tables.every(({ additionalProperties }) => additionalProperties === false)).toBe(true);
  });

  it('has patterns that are regular expressions', () => {
    for (const { pattern } of parts(schema)) expect(() => new RegExp(pattern ?? '', 'u')).not.toThrow();
  });
});
