import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/** As it is shipped: the process is to have nothing else in it. */
const LATE = fileURLToPath(new URL('../../build/service/late-optimization.js', import.meta.url));

/** Runs one small function, which is optimized after some 50 calls as a rule. */
const PROGRAM = `
  function hotSpot(by) {
    let sum = 0;
    for (let i = 0; i < 100; i += 1) sum += i * by;
    return sum;
  }
  for (let call = 0; call < 150; call += 1) hotSpot(call);
`;

function run(first: string): { stdout: string; stderr: string } {
  const args = ['--no-use-osr', '--trace-opt', '--input-type=module', '-e', first + PROGRAM];
  return spawnSync(process.execPath, args, { encoding: 'utf8' });
}

const late = (...version: readonly string[]): string =>
  `(await import(${JSON.stringify(LATE)})).optimizeLate(...${JSON.stringify(version)});`;

describe('late optimization', () => {
  // Later ones have more compilers.
  it.skipIf(!process.versions.v8.startsWith('11.'))('leaves alone what does not run for long', () => {
    expect(run('').stdout).toContain('hotSpot');
    expect(run(late()).stdout).not.toContain('hotSpot');
    expect(run(late('10.2')).stdout).toContain('hotSpot');
  });

  it('asks V8 for nothing that it does not know', () => {
    expect(run(late()).stderr).toBe('');
  });
});
