import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';

/** The words of a program that logs to standard error through the built room. */
function program(body: string): string[] {
  const room = (name: string): string =>
    JSON.stringify(new URL(`../../build/service/${name}.js`, import.meta.url).href);
  const start = `const { createLog } = await import(${room('log')});
    const { StandardError } = await import(${room('standard-error')});
    const log = createLog('info', new StandardError());`;
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

  it.each([
    ['of any length', ['a', 'long '.repeat(20_000), 'b', 'x'.repeat(9000), 'y'.repeat(9000), 'c']],
    ['of any script', Array.from({ length: 2000 }, (_, line) => `${line} Schlüssel 鍵 \u{1F511}`)],
  ])('are written octet for octet: those %s', (_, lines) => {
    const words = program(`for (const line of ${JSON.stringify(lines)}) log.info(line); await log.close();`);
    const { stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
    const said = stderr.trimEnd().split('\n');
    expect(said.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(lines);
  });

  it('that are written while others are on their way are not mixed with them', async () => {
    const words = program(`
      for (let line = 0; line < 20_000; line += 1) {
        log.info(String(line).padStart(200, '.'));
        if (line % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      await log.close();`);
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'ignore', 'pipe'] });
    const said: number[] = [];
    for await (const line of createInterface(child.stderr)) {
      said.push(Number((JSON.parse(line) as { msg: string }).msg.replaceAll('.', '')));
    }
    expect(said).toEqual(Array.from({ length: 20_000 }, (_, line) => line));
  });

  it('are lost while nobody reads, and a line says how much, so that memory does not grow without end', async () => {
    const words = program(`
      for (let line = 0; line < 2000; line += 1) log.info('x'.repeat(20_000));
      process.send('logged');`);
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    const { stderr } = child;
    await once(child, 'message');
    const said: { msg: string; octets?: number }[] = [];
    for await (const line of createInterface(stderr ?? Readable.from([]))) {
      said.push(JSON.parse(line) as { msg: string; octets?: number });
      if (said.at(-1)?.octets !== undefined) break;
    }
    child.kill();
    const whole = said.filter(({ msg }) => msg.startsWith('x'));
    const last = said.at(-1);
    expect(last?.msg).toContain('lost');
    expect(whole.length).toBeLessThan(1000);
    const octetsOfOne = Buffer.byteLength(JSON.stringify(whole[0])) + 1;
    expect(last?.octets).toBe((2000 - whole.length) * octetsOfOne);
  });
});
