import { z } from 'zod';
import { policySchema } from './policy-schema.ts';

/**
 * The JSON Schema (2020-12) of a policy in one file, for editors and for programs that write policies. It is
 * wider than `parsePolicy`: it knows types, ranges and words, not what contradicts what.
 */
export function policyJsonSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...schema } = z.toJSONSchema(policySchema, { io: 'input', unrepresentable: 'any' });
  return { $schema, title: 'Vouch policy', ...schema };
}
