import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../scripts/attack-index.mjs', import.meta.url));

function index(...words: string[]): { code: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, ...words], { encoding: 'utf8' });
  return { code: status, stdout, stderr };
}

describe('the index of attacks', () => {
  it('finds a test for every one of them', () => {
    expect(index()).toMatchObject({ code: 0, stderr: '' });
  });

  it('finds a test against a running daemon for every attack of the acceptance list', () => {
    const blocks = index().stdout.split(/^(?=\S)/m);
    const attacks = blocks.filter((block) => block.startsWith('AD'));
    expect(attacks).toHaveLength(28);
    const elsewhere = attacks.filter((block) => !block.includes('daemon/process/'));
    expect(elsewhere).toEqual([]);
  });

  it('counts names of tests only, and fails when an id is in none', () => {
    const folder = mkdtempSync(join(tmpdir(), 'vouch-index-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const lines = [
      '// AD1',
      "it('AD2 CVE-2019-11841: in a name', f);",
      "it('AD21: in another', f);",
      "it('7.3 a table, and 17.3 or 7.33 of something else', f);",
    ];
    writeFileSync(join(folder, 'one.test.ts'), lines.join('\n'));
    writeFileSync(join(folder, 'no-test.ts'), "it('AD3: not here', f);\n");
    const { code, stdout, stderr } = index(folder);
    expect(code).toBe(1);
    expect(stdout).toContain('AD1: 0 tests\nAD2: 1 test\n    one.test.ts (1)\nAD3: 0 tests\n');
    expect(stdout).toContain('AD21: 1 test\n');
    expect(stdout).toContain('S7.3: 1 test, of 20 rows\n');
    expect(stderr).toMatch(/^attack-index: too few tests name AD1, AD3, .*H1, .*S7\.1, .*, CVE-2014-3207, /);
  });
});
