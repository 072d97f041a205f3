import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { LogLevel } from '../../src/log.ts';
import type { Log } from '../../src/log.ts';
import { createLog } from '../../src/service/log.ts';

function logged(level: LogLevel, write: (log: Log) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  write(createLog(level, { write: (line) => void lines.push(line), close: async () => undefined }));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

const writeAll = (log: Log): void => {
  log.debug('d');
  log.info('i');
  log.warn('w');
  log.error('e');
};

describe('createLog', () => {
  it('writes one JSON line with the level in words, the time and the fields', () => {
    const [line, ...more] = logged('info', (log) => log.info('hello', { count: 1, name: 'x\n"y' }));
    expect(more).toEqual([]);
    expect(line).toEqual({ level: 'info', time: expect.any(String), msg: 'hello', count: 1, name: 'x\n"y' });
    expect(new Date(String(line?.['time'])).toISOString()).toBe(line?.['time']);
  });

  it.each([
    ['debug', ['d', 'i', 'w', 'e']],
    ['info', ['i', 'w', 'e']],
    ['warn', ['w', 'e']],
    ['error', ['e']],
    ['silent', []],
  ] as const)('at level %s writes %j', (level, messages) => {
    expect(logged(level, writeAll).map(({ msg }) => msg)).toEqual(messages);
  });

  it('gives each line its own time', () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const moments = [1_000, 1_000, 1_001, 999];
    const lines = logged('info', (log) => {
      for (const moment of moments) {
        vi.setSystemTime(moment);
        log.info('now');
      }
    });
    expect(lines.map(({ time }) => Date.parse(String(time)))).toEqual(moments);
  });

  it('writes nothing once it is closed', async () => {
    const lines: string[] = [];
    const log = createLog('info', { write: (line) => void lines.push(line), close: async () => undefined });
    log.info('before');
    await Promise.all([log.close(), log.close()]);
    log.info('after');
    expect(lines).toHaveLength(1);
  });
});

/** The words of a program that logs to standard error through the built room. */
function program(body: string): string[] {
  const room = JSON.stringify(new URL('../../dist/service/log.js', import.meta.url).href);
  const start = `const { createLog, stderrDestination } = await import(${room});
    const log = createLog('info', stderrDestination());`;
  return ['--input-type=module', '-e', `${start}\n${body}`];
}

describe('lines on standard error', () => {
  it('are written soon, however few there are', async () => {
    const child = spawn(process.execPath, program("log.info('one'); setInterval(() => undefined, 1000);"), {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const [line] = (await once(createInterface(child.stderr), 'line')) as [string];
    child.kill();
    expect(JSON.parse(line)).toMatchObject({ msg: 'one' });
  });

  it.each([
    ['the log is closed', 'await log.close();'],
    ['the process exits', 'process.exit();'],
  ])('are all there, in their order, when %s', (_, end) => {
    const words = program(`for (let line = 0; line < 2000; line += 1) log.info(String(line)); ${end}`);
    const { stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
    const said = stderr
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { msg: string }).msg);
    expect(said).toEqual(Array.from({ length: 2000 }, (__, line) => String(line)));
  });
});
