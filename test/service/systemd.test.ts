import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Log } from '../../src/log.ts';
import { inheritedSockets, keepWatchdog, serviceManager } from '../../src/service/systemd.ts';

const PATH = process.env['PATH'];
const CAN_NOTIFY =
  spawnSync('systemd-notify', ['--version']).status === 0 && spawnSync('python3', ['-V']).status === 0;

let folder: string;
let lines: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vouch-systemd-'));
  lines = [];
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const note = (message: string): void => void lines.push(message);
const log: Log = { debug: note, info: note, warn: note, error: note };

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** Prints what is sent to a datagram socket, one message a line. */
const RECEIVER = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print('up', flush=True)
while True:
    print(repr(s.recv(4096).decode()), flush=True)
`;

async function receive(path: string): Promise<{ child: ChildProcessWithoutNullStreams; text: () => string }> {
  const child = spawn('python3', ['-c', RECEIVER, path]);
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  await until(() => text.startsWith('up'));
  return { child, text: () => text };
}

describe('serviceManager', () => {
  it.skipIf(!CAN_NOTIFY)('tells real datagrams, in order (needs systemd-notify and python3)', async () => {
    const socket = join(folder, 'notify');
    const receiver = await receive(socket);
    const manager = serviceManager({ PATH, NOTIFY_SOCKET: socket }, 1, log);
    void manager.notify('READY=1', 'STATUS=a\nWATCHDOG=1');
    await manager.notify('STOPPING=1');
    await until(() => receiver.text().includes('STOPPING'));
    receiver.child.kill();
    expect(lines).toEqual([]);
    const messages = receiver.text().split('\n');
    // A line break would begin an assignment of its own.
    expect(messages.find((message) => message.includes('READY'))).toContain('READY=1\\nSTATUS=a WATCHDOG=1');
    expect(receiver.text().indexOf('READY')).toBeLessThan(receiver.text().indexOf('STOPPING'));
  });

  it('does nothing without a manager, and goes on when it cannot be told', async () => {
    await serviceManager({ PATH }, 1, log).notify('READY=1');
    expect(lines).toEqual([]);
    await serviceManager({ PATH: folder, NOTIFY_SOCKET: '/none' }, 1, log).notify('READY=1');
    writeFileSync(join(folder, 'systemd-notify'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    await serviceManager({ PATH: `${folder}:${PATH ?? ''}`, NOTIFY_SOCKET: '/none' }, 1, log).notify(
      'READY=1',
    );
    expect(lines).toEqual(Array.from({ length: 2 }, () => 'the service manager could not be told'));
  });

  it('hears of a watchdog that is meant for it', () => {
    const NOTIFY_SOCKET = '/n';
    const watchdog = (given: Record<string, string>): number | undefined =>
      serviceManager({ NOTIFY_SOCKET, ...given }, 12, log).watchdog;
    expect(watchdog({ WATCHDOG_USEC: '30000000' })).toBe(30_000);
    expect(watchdog({ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '12' })).toBe(30_000);
    expect(watchdog({ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '13' })).toBeUndefined();
    expect(watchdog({ WATCHDOG_USEC: 'x' })).toBeUndefined();
    expect(watchdog({})).toBeUndefined();
  });
});

describe('keepWatchdog', () => {
  it('tells that the service lives only while it does', async () => {
    let told = 0;
    let asked = 0;
    let alive = true;
    const manager = {
      watchdog: 10,
      notify: (...words: readonly string[]) => {
        if (words[0] === 'WATCHDOG=1') told += 1;
        return Promise.resolve();
      },
    };
    const stop = keepWatchdog(manager, () => {
      asked += 1;
      return alive ? Promise.resolve(true) : Promise.reject(new Error('dead'));
    });
    await until(() => told >= 2);
    alive = false;
    const before = { asked };
    await until(() => asked > before.asked + 2);
    const [toldThen, askedThen] = [told, asked];
    await until(() => asked > askedThen + 2);
    expect(told).toBe(toldThen);
    stop();
  });

  it('waits for an answer before it asks again', async () => {
    let asked = 0;
    const manager = { watchdog: 2, notify: () => Promise.resolve() };
    let release: (alive: boolean) => void = () => undefined;
    const stop = keepWatchdog(manager, () => {
      asked += 1;
      return new Promise((resolve) => {
        release = resolve;
      });
    });
    await until(() => asked === 1);
    let turns = 0;
    const other = setInterval(() => {
      turns += 1;
    }, 1);
    await until(() => turns > 20);
    clearInterval(other);
    expect(asked).toBe(1);
    release(true);
    await until(() => asked === 2);
    stop();
    release(true);
  });
});

describe('inheritedSockets', () => {
  it('takes sockets that were opened for this process', () => {
    expect(inheritedSockets({ LISTEN_PID: '12', LISTEN_FDS: '2' }, 12)).toEqual([3, 4]);
    expect(inheritedSockets({ LISTEN_PID: '13', LISTEN_FDS: '2' }, 12)).toEqual([]);
    expect(inheritedSockets({ LISTEN_PID: '12', LISTEN_FDS: '1e9' }, 12)).toEqual([]);
    expect(inheritedSockets({}, 12)).toEqual([]);
  });
});
