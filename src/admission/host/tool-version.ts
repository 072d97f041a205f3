/* What `singularity --version` says, and what is known of that version. */
import type { EclFlavour } from '../../policy/ecl/ecl.ts';

export interface ToolVersion {
  readonly product: string;
  readonly numbers: readonly [number, number, number];
}

/** `singularity-ce version 4.4.1-1.el9`, `apptainer version 1.5.0`; undefined for anything else. */
export function parseToolVersion(text: string): ToolVersion | undefined {
  const found = /^([a-z][a-z-]{1,30}) version v?(\d{1,5})\.(\d{1,5})(?:\.(\d{1,5}))?/m.exec(text);
  const [, product, ...digits] = found ?? [];
  if (product === undefined) return undefined;
  const [major = 0, minor = 0, patch = 0] = digits.map((one) => Number(one ?? '0'));
  return { product, numbers: [major, minor, patch] };
}

interface Flaw {
  readonly cve: string;
  readonly fixed: readonly [number, number, number];
}

/** `limit container paths = /scratch` also allows /scratch2 before these versions. */
const PREFIX_FLAW: Readonly<Record<EclFlavour, Flaw>> = {
  singularity: { cve: 'CVE-2026-47215', fixed: [4, 4, 2] },
  apptainer: { cve: 'CVE-2026-48785', fixed: [1, 5, 1] },
};

/** The CVE, when this version has it; `unknown` for a product that counts its versions otherwise. */
export function prefixFlaw(version: ToolVersion): Flaw | 'unknown' | undefined {
  const flavour = flavourOf(version);
  if (flavour === undefined) return 'unknown';
  const flaw = PREFIX_FLAW[flavour];
  return isBefore(version.numbers, flaw.fixed) ? flaw : undefined;
}

/** Which tool a program is: Apptainer installs itself under the name of the other, too. */
export function flavourOf({ product }: ToolVersion): EclFlavour | undefined {
  if (product === 'apptainer') return 'apptainer';
  return product === 'singularity' || product === 'singularity-ce' ? 'singularity' : undefined;
}

/** SingularityCE 4.5.0 refuses images when the list cannot be read, and wants the file to be root's alone. */
export function refusesWithoutList({ product, numbers }: ToolVersion): boolean {
  return product === 'singularity-ce' && !isBefore(numbers, [4, 5, 0]);
}

function isBefore(one: readonly number[], other: readonly number[]): boolean {
  const i = other.findIndex((number, place) => number !== one[place]);
  return i !== -1 && (one[i] ?? 0) < (other[i] ?? 0);
}
