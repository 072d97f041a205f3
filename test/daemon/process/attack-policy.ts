/* Policies of attacked hosts: one rule for all images there, unless a test writes rules of its own. */

export interface PolicyParts {
  /** Fingerprints by the name of the signer. */
  readonly signers?: Readonly<Record<string, readonly string[]>>;
  /** Lines in every signer. */
  readonly signer?: string;
  readonly defaults?: string;
  /** All rules; without them there is one for all images here. */
  readonly rules?: string;
  /** Lines in the one rule that is made. */
  readonly rule?: string;
  /** What the one rule requires, when not one of all signers. */
  readonly require?: string;
  /** Denials and waivers. */
  readonly more?: string;
}

export function policyText(
  parts: PolicyParts,
  { serial, images }: { readonly serial: number; readonly images: string },
): string {
  const { signers = {}, signer = '', defaults = '', more = '' } = parts;
  const one = `[[rule]]
name = "images"
scope = "${images}"
require = ${parts.require ?? '{ set = "everybody" }'}
${parts.rule ?? ''}
`;
  const blocks = Object.entries(signers).map(
    ([name, keys]) => `[[signer]]\nname = "${name}"\nkeys = ${JSON.stringify(keys)}\n${signer}\n`,
  );
  const set = `[[set]]\nname = "everybody"\nmembers = ${JSON.stringify(Object.keys(signers))}\n`;
  return `version = 1
serial = ${serial}
[defaults]
min_binding = "path"
${defaults}
${blocks.join('')}${set}${parts.rules ?? one}${more}`;
}
