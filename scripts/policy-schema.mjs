/** Writes config/policy.schema.json anew from what `vouch` checks policies with. Run: npm run build first. */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { policyJsonSchema } from '../build/policy/json-schema.js';

const path = fileURLToPath(new URL('../config/policy.schema.json', import.meta.url));
await writeFile(path, await format(JSON.stringify(policyJsonSchema()), { parser: 'json', printWidth: 110 }));
