import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';

const RUN = fileURLToPath(new URL('../../scripts/fuzz/run.mjs', import.meta.url));

function fuzz(...args: string[]): { code: number | null; text: string; folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'vouch-fuzz-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { status, stdout, stderr } = spawnSync(process.execPath, [RUN, '--folder', folder, ...args], {
    encoding: 'utf8',
  });
  return { code: status, text: stdout + stderr, folder };
}

it('feeds a target, counts what it fed and keeps what reached new code', () => {
  const { code, text, folder } = fuzz('--minutes', '0.05', '--targets', 'packets', '--seed', '1');
  expect(text).toContain('packets');
  expect(code).toBe(0);
  const tally = JSON.parse(readFileSync(join(folder, 'tally.jsonl'), 'utf8')) as Record<string, unknown>;
  expect(tally).toMatchObject({ target: 'packets', seed: 1, findings: 0 });
  expect(tally['inputs']).toBeGreaterThan(0);
  const kept = readdirSync(join(folder, 'packets/corpus'));
  expect(kept.length).toBeGreaterThan(0);
  expect(kept.length).toBeLessThanOrEqual(Number(tally['kept']));
});

it('says which targets there are when one is not known', () => {
  const { code, text } = fuzz('--targets', 'nothing');
  expect(code).toBe(64);
  expect(text).toContain('armor,packets,certificate');
});
