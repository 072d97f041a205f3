import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

/** Runs a program against the built rooms, as the server does it. */
function run(fault: string): { status: number | null; lines: Record<string, unknown>[] } {
  const room = (name: string): string =>
    JSON.stringify(new URL(`../../build/service/${name}.js`, import.meta.url).href);
  const program = `
    const { exitOnFault } = await import(${room('fault')});
    const { createLog } = await import(${room('log')});
    const { StandardError } = await import(${room('standard-error')});
    const log = createLog('info', new StandardError());
    exitOnFault(log);
    log.info('running');
    setInterval(() => undefined, 1000);
    ${fault}`;
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
  });
  return {
    status,
    lines: stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

describe('exitOnFault', () => {
  it.each([
    ['unhandled rejection', "void Promise.reject(new TypeError('lost'));"],
    ['uncaught exception', "setTimeout(() => { throw new TypeError('lost'); }, 0);"],
  ])('logs an %s, with everything logged before it, and exits 70', (kind, fault) => {
    const { status, lines } = run(fault);
    expect(status).toBe(70);
    expect(lines).toMatchObject([{ msg: 'running' }, { msg: kind, level: 'error' }]);
    expect(lines[1]?.['error']).toMatch(/^TypeError: lost\n/);
  });
});
