import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../scripts/sbom.mjs', import.meta.url));

interface Component {
  readonly 'bom-ref': string;
  readonly scope: string;
  readonly hashes: readonly { readonly alg: string; readonly content: string }[];
  readonly licenses: readonly unknown[];
}

interface Bom {
  readonly bomFormat: string;
  readonly serialNumber: string;
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

function sbom(...args: string[]): { code: number | null; text: string; bom: Bom } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, ...args], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return { code: status, text: stdout, bom: JSON.parse(stdout) as Bom };
}

describe('the bill of materials', () => {
  it('has every dependency with a digest and a licence, and who needs it', () => {
    const { code, bom } = sbom();
    expect(code).toBe(0);
    expect(bom.bomFormat).toBe('CycloneDX');
    const named = new Set(bom.components.map((one) => one['bom-ref']));
    const own = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    for (const [name, version] of Object.entries(own.dependencies)) {
      expect(named).toContain(`pkg:npm/${name.replace('@', '%40')}@${version}`);
    }
    for (const { hashes, licenses } of bom.components) {
      expect(hashes).toEqual([
        { alg: 'SHA-512', content: expect.stringMatching(/^[0-9a-f]{128}$/) as string },
      ]);
      expect(licenses).toHaveLength(1);
    }
    const wanted = bom.dependencies.flatMap(({ dependsOn }) => dependsOn);
    expect(wanted.filter((one) => !named.has(one))).toEqual([]);
    // Whatever is in it, something needs.
    expect([...named].filter((one) => !wanted.includes(one))).toEqual([]);
  });

  it('is the same each time, and has no tools of development unless it is asked for them', () => {
    expect(sbom().text).toBe(sbom().text);
    const names = (bom: Bom): string[] => bom.components.map((one) => one['bom-ref']);
    expect(names(sbom().bom).some((one) => one.startsWith('pkg:npm/vitest@'))).toBe(false);
    expect(names(sbom('--dev').bom).some((one) => one.startsWith('pkg:npm/vitest@'))).toBe(true);
  });
});
