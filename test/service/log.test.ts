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
