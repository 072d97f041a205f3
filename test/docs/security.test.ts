import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const DOCUMENT = readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8');
const INDEX = fileURLToPath(new URL('../../scripts/attack-index.mjs', import.meta.url));

/** The files of tests that name an id, by id. */
function index(): ReadonlyMap<string, readonly string[]> {
  const { stdout } = spawnSync(process.execPath, [INDEX], { encoding: 'utf8' });
  const blocks = stdout.split(/^(?=\S)/m).map((block) => block.split('\n'));
  return new Map(
    blocks.map(([head = '', ...files]) => [
      head.split(':')[0] ?? '',
      files.map((file) => file.trim().split(' ')[0] ?? ''),
    ]),
  );
}

it('the tables of vulnerabilities and abuse name every one, and tests that name it', () => {
  const rows = [...DOCUMENT.matchAll(/^\| (CVE-[\d-]+|F\d+) +\|(.*)$/gm)];
  const named = index();
  const ids = [...named.keys()].filter((id) => /^(?:CVE-|F\d)/.test(id));
  expect(new Set(rows.map(([, id]) => id))).toEqual(new Set(ids));
  const wrong = rows.filter(([, id = '', rest = '']) => {
    const files = [...rest.matchAll(/`([\w/-]+\.test\.ts)`/g)].map(([, file = '']) => file);
    return files.length === 0 || files.some((file) => named.get(id)?.includes(file) !== true);
  });
  expect(wrong).toEqual([]);
});
