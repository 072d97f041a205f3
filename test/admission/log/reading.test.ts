import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { followLines } from '../../../src/admission/log/follow-lines.ts';
import { lastLines } from '../../../src/admission/log/last-lines.ts';
import type { LogLine } from '../../../src/admission/log/log-line.ts';
import { readLines } from '../../../src/admission/log/read-lines.ts';
import type { LineSelection } from '../../../src/admission/log/read-lines.ts';
import { decided, event, START, withLogFolder } from './logs.ts';

async function seqs(folder: string, selection?: LineSelection): Promise<number[]> {
  const found: number[] = [];
  for await (const { seq } of readLines(folder, selection)) found.push(seq);
  return found;
}

const upTo = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe('readLines', () => {
  it('gives every line of every file in order, from a number on, and those of a time', async () => {
    await withLogFolder(async ({ open, folder }) => {
      const log = await open({ rotateOctets: 2000 });
      for (let i = 0; i < 12; i += 1)
        await log.append(decided({ time: new Date(START + i * 60_000).toISOString(), decision_id: `d${i}` }));
      const { position } = log;
      expect(await seqs(folder)).toEqual(upTo(1, position));
      expect(await seqs(folder, { fromSeq: 9 })).toEqual(upTo(9, position));
      const ids: string[] = [];
      const filter = (line: LogLine): boolean => line.kind === 'decision';
      const [since, until] = [START + 3 * 60_000, START + 6 * 60_000];
      for await (const line of readLines(folder, { since, until, filter }))
        if (line.kind === 'decision') ids.push(line.decision_id);
      expect(ids).toEqual(['d3', 'd4', 'd5']);
    });
  });

  it('names lines that are none, and passes over one that is still being written', async () => {
    await withLogFolder(async ({ open, folder }) => {
      const log = await open();
      await log.append(decided());
      const path = join(folder, 'decisions.jsonl');
      const text = await readFile(path, 'utf8');
      const places = ['"seq":3,"prev":"x"', '{"seq":4}', '\0'.repeat(10)];
      await writeFile(path, `${text}${places.join('\n')}\n${text.slice(0, 50)}`);
      const unreadable: unknown[] = [];
      const onUnreadable = (file: string, line: number): void => void unreadable.push(`${file}:${line}`);
      expect(await seqs(folder, { onUnreadable })).toEqual([1, 2]);
      expect(unreadable).toEqual(['decisions.jsonl:3', 'decisions.jsonl:4', 'decisions.jsonl:5']);
    });
  });

  it('passes over a decision that lacks what decisions have', async () => {
    await withLogFolder(async ({ open, folder }) => {
      const log = await open();
      await log.append(decided());
      const path = join(folder, 'decisions.jsonl');
      for (const [have, want] of [
        ['"signers":[{', '"signers":[7,{'],
        ['"verdict":"admit"', '"verdict":"maybe"'],
        ['"images":[', '"imagos":['],
        ['"caller":{', '"caller":7,"x":{'],
        ['"policy":{"sha256"', '"policy":{"sha1"'],
      ] as const) {
        const text = await readFile(path, 'utf8');
        expect(text).toContain(have);
        await writeFile(path, text.replace(have, want));
        expect(await seqs(folder)).toEqual([1]);
        await writeFile(path, text);
      }
      expect(await seqs(folder)).toEqual([1, 2]);
    });
  });

  it('has nothing to give where there is no log', async () => {
    expect(await seqs('/nonexistent/log')).toEqual([]);
  });
});

describe('lastLines', () => {
  it('gives the newest lines, over several files, the oldest of them first', async () => {
    await withLogFolder(async ({ open, folder }) => {
      const log = await open({ rotateOctets: 2000 });
      for (let i = 0; i < 12; i += 1) await log.append(i % 3 === 0 ? event('started') : decided());
      const { position } = log;
      expect((await lastLines(folder, 7)).map(({ seq }) => seq)).toEqual(upTo(position - 6, position));
      expect(await lastLines(folder, 0)).toEqual([]);
      const events = await lastLines(folder, 100, ({ kind }) => kind === 'event');
      expect(events).toHaveLength(4);
    });
  });

  it('reads as much of a large file as it takes', async () => {
    await withLogFolder(async ({ open, folder }) => {
      const log = await open();
      await log.append(event('started'));
      const fields = { filler: 'x'.repeat(1000) };
      await Promise.all(Array.from({ length: 1500 }, () => log.append(event('key_changed', fields))));
      const found = await lastLines(folder, 1, (line) => line.kind === 'event' && line.event === 'started');
      expect(found).toMatchObject([{ seq: 2 }]);
      expect(await lastLines(folder, 3)).toHaveLength(3);
    });
  });
});

describe('followLines', () => {
  it('gives lines as they are written, each once, over files that become full, until it is stopped', async () => {
    await withLogFolder(async ({ open, folder }) => {
      const log = await open({ rotateOctets: 3000 });
      await log.append(decided());
      const stop = new AbortController();
      const seen: number[] = [];
      const following = (async () => {
        for await (const { seq } of followLines(folder, { fromSeq: 1, signal: stop.signal })) seen.push(seq);
      })();
      for (let round = 0; round < 4; round += 1) {
        for (let i = 0; i < 10; i += 1) await log.append(decided());
        await expect.poll(() => seen.at(-1), { timeout: 20_000 }).toBe(log.position);
      }
      stop.abort();
      await following;
      expect(seen).toEqual(upTo(1, log.position));
    });
  });

  it('goes on when a crash was repaired, or the log was moved away', async () => {
    await withLogFolder(async ({ open, folder }) => {
      const first = await open();
      await first.append(decided());
      await first.close();
      const path = join(folder, 'decisions.jsonl');
      const stop = new AbortController();
      const seen: LogLine[] = [];
      const following = (async () => {
        for await (const line of followLines(folder, { fromSeq: 2, signal: stop.signal })) seen.push(line);
      })();
      const last = (): unknown => seen.at(-1);
      await expect.poll(last, { timeout: 20_000 }).toMatchObject({ kind: 'checkpoint', seq: 3 });
      await writeFile(path, '{"seq":4,"prev":', { flag: 'a' });
      const second = await open();
      await second.append(event('started'));
      await expect.poll(last, { timeout: 20_000 }).toMatchObject({ event: 'started' });
      await rm(path);
      await second.append(event('overload'));
      await expect.poll(last, { timeout: 20_000 }).toMatchObject({ event: 'overload' });
      stop.abort();
      await following;
    });
  });
});
