import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/** As it is shipped: the process is to have nothing else in it. */
const SMALL_HEAP = fileURLToPath(new URL('../../build/service/small-heap.js', import.meta.url));

/** Tells the octets of the space for new objects when many were made. */
const PROGRAM = `
  const { getHeapSpaceStatistics } = await import('node:v8');
  const kept = [];
  for (let made = 0; made < 1e6; made += 1) kept[made % 1000] = { made, of: [made] };
  const space = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
  console.log(space.space_size);
`;

function newSpaceAfter(first: string): number {
  const args = ['--input-type=module', '-e', first + PROGRAM];
  return Number(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

describe('a small heap', () => {
  it('has no more room for new objects than it starts with', () => {
    const small = `(await import(${JSON.stringify(SMALL_HEAP)})).keepHeapSmall();`;
    expect(newSpaceAfter(small)).toBeLessThanOrEqual(2 * 1024 * 1024);
    expect(newSpaceAfter('')).toBeGreaterThan(2 * 1024 * 1024);
  });
});
