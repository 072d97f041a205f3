/* Lists as text, imported, and images judged by what came of it. */
import { importEcl } from '../../../src/policy/ecl/import-ecl.ts';
import type { EclImport } from '../../../src/policy/ecl/import-ecl.ts';
import { parseEcl } from '../../../src/policy/ecl/parse-ecl.ts';
import { evaluate } from '../../../src/policy/evaluate.ts';
import { parsePolicy } from '../../../src/policy/parse-policy.ts';
import type { Policy } from '../../../src/policy/policy.ts';
import type { ImageVerdict } from '../../../src/policy/verdict.ts';
import { factsOf, NOW } from './abstract-image.ts';
import type { AbstractImage, AbstractKey } from './abstract-image.ts';
import type { Flavour, ModelList } from './ecl-model.ts';

/** An ecl.toml; `top` is put before the groups. */
export function tomlOf({ activated, groups }: ModelList, top = ''): string {
  const tables = groups.map(
    ({ mode, dirPath, keys }, i) =>
      `[[execgroup]]\ntagname = "g${i}"\nmode = "${mode}"\ndirpath = "${dirPath}"\nkeyfp = ${JSON.stringify(keys)}\n`,
  );
  return `activated = ${activated}\n${top}${tables.join('')}`;
}

/** Imported on a host with these keys. */
export function imported(text: string, flavour: Flavour, keyring: readonly AbstractKey[]): EclImport {
  const keys = keyring.map(({ fingerprint, state }) => ({ fingerprint, state, names: ['Alice <a@x.org>'] }));
  return importEcl(parseEcl(text, 'ecl.toml'), { flavour, keyring: keys, acceptLegacy: false });
}

export function policyOf({ toml }: EclImport): Policy {
  return parsePolicy([{ name: 'imported.toml', octets: Buffer.from(toml) }]);
}

export function judge(policy: Policy, image: AbstractImage, keyring: readonly AbstractKey[]): ImageVerdict {
  return evaluate(policy, factsOf(image, keyring), { now: NOW, clockSuspect: false });
}
