/** Go's names of architectures in the order of their codes, `01` to `13` (sif v2 pkg/sif/arch.go). */
export const ARCHITECTURES: readonly string[] = [
  '386',
  'amd64',
  'arm',
  'arm64',
  'ppc64',
  'ppc64le',
  'mips',
  'mipsle',
  'mips64',
  'mips64le',
  's390x',
  'riscv64',
  'loong64',
];

export const UNKNOWN_ARCHITECTURE = 'unknown';

/** `amd64` for `02`. */
export function architectureName(code: string): string {
  return (/^\d\d$/.test(code) ? ARCHITECTURES[Number(code) - 1] : undefined) ?? UNKNOWN_ARCHITECTURE;
}

/** `02` for `amd64`; undefined for a name without a code. */
export function architectureCode(name: string): string | undefined {
  const index = ARCHITECTURES.indexOf(name);
  return index < 0 ? undefined : String(index + 1).padStart(2, '0');
}
