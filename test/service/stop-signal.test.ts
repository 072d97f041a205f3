import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { stopSignal } from '../../src/service/stop-signal.ts';

describe('stopSignal', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('resolves at %s', async (signal) => {
    const source = new EventEmitter();
    const { received } = stopSignal(source, () => undefined);
    source.emit(signal);
    expect(await received).toBe(signal);
  });

  it('abandons at the second signal, whichever it is, with the code shells report', () => {
    const source = new EventEmitter();
    const codes: number[] = [];
    stopSignal(source, (code) => codes.push(code));
    source.emit('SIGTERM');
    expect(codes).toEqual([]);
    source.emit('SIGINT');
    source.emit('SIGTERM');
    expect(codes).toEqual([130, 143]);
  });

  it('leaves the signals alone once it is released', () => {
    const source = new EventEmitter();
    stopSignal(source, () => undefined).release();
    expect(source.listenerCount('SIGTERM') + source.listenerCount('SIGINT')).toBe(0);
  });
});
