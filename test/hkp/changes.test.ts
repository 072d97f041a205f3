import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as fc from 'fast-check';
import { HkpClient } from '../../src/hkp/client.ts';
import { readChanges } from '../../src/hkp/client/changes-answer.ts';
import { HkpClientError } from '../../src/hkp/client/error.ts';
import { MAX_CHANGES } from '../../src/hkp/limits.ts';
import { MemoryKeystore } from '../../src/keystore/memory.ts';
import { makeCertificate } from '../fixtures/test-key.ts';
import { errorOf, NOW, startServer } from './harness.ts';
import type { TestServer } from './harness.ts';

const [ALICE, BOB, CAROL] = [
  makeCertificate(['Alice']),
  makeCertificate(['Bob']),
  makeCertificate(['Carol']),
];

async function serverWith(...certificates: readonly { readonly bytes: Uint8Array }[]): Promise<TestServer> {
  const server = await startServer();
  for (const { bytes } of certificates) await server.hold(bytes);
  return server;
}

async function changes(server: TestServer, query = ''): Promise<unknown> {
  return (await server.get(`/vouch/v1/changes${query}`)).json();
}

describe('GET /vouch/v1/changes', () => {
  it('lists what changed after a change, oldest first', async () => {
    const server = await serverWith(ALICE, BOB);
    const digest = expect.stringMatching(/^[0-9a-f]{64}$/) as string;
    const time = NOW * 1000;
    const bob = { sequence: 2, time, fingerprint: BOB.fingerprint, kind: 'inserted', digest };
    const log = expect.stringMatching(/^[0-9a-f]{64}$/) as string;
    expect(await changes(server, '?since=1')).toEqual({ log, sequence: 2, changes: [bob], more: false });
    expect(await changes(server, '?since=2')).toEqual({ log, sequence: 2, changes: [], more: false });
    expect(await changes(server)).toMatchObject({ changes: [{ fingerprint: ALICE.fingerprint }, bob] });
  });

  it('tells of what was removed nothing but that, also in what came before', async () => {
    const server = await serverWith(ALICE, BOB);
    const before = await changes(server);
    const tombstone = {
      fingerprint: ALICE.fingerprint,
      time: NOW * 1000,
      by: 'operator',
      reason: 'x',
    } as const;
    await server.keystore.remove(tombstone);
    const gone = { time: NOW * 1000, fingerprint: ALICE.fingerprint, kind: 'removed' };
    const { log } = before as { log: string };
    expect(await changes(server)).toEqual({
      log,
      sequence: 3,
      changes: [
        { sequence: 1, ...gone },
        expect.objectContaining({ fingerprint: BOB.fingerprint, kind: 'inserted' }),
        { sequence: 3, ...gone },
      ],
      more: false,
    });
  });

  it('goes by pages', async () => {
    const server = await serverWith(ALICE, BOB, CAROL);
    expect(await changes(server, '?limit=2')).toMatchObject({
      sequence: 3,
      changes: [{ sequence: 1 }, { sequence: 2 }],
      more: true,
    });
    expect(await changes(server, '?since=2&limit=2')).toMatchObject({
      changes: [{ sequence: 3 }],
      more: false,
    });
    expect(await changes(server, `?limit=${MAX_CHANGES * 10}`)).toMatchObject({ more: false });
  });

  it('shows by the sequence and by the name of the log that the store was replaced', async () => {
    const [one, other, empty] = [
      await serverWith(ALICE, BOB),
      await serverWith(BOB, ALICE),
      await startServer(),
    ];
    expect(await changes(other, '?since=7')).toMatchObject({ sequence: 2, changes: [], more: false });
    const nameOf = async (server: TestServer): Promise<unknown> =>
      new Map(Object.entries((await changes(server)) ?? {})).get('log');
    expect(await nameOf(one)).not.toEqual(await nameOf(other));
    expect(await changes(empty)).toEqual({ sequence: 0, changes: [], more: false });
  });

  it.each(['since=-1', 'since=x', 'since=', 'since=99999999999999999', 'limit=0', 'limit=1.5'])(
    'refuses %s',
    async (query) => {
      const server = await startServer();
      const response = await server.get(`/vouch/v1/changes?${query}`);
      expect(response.status).toBe(400);
      expect((await errorOf(response)).code).toBe(400);
    },
  );

  it('is asked again cheaply, and never kept without asking', async () => {
    const server = await serverWith(ALICE);
    const first = await server.get('/vouch/v1/changes?since=1');
    expect(first.headers.get('cache-control')).toBe('no-cache');
    // What fetch would add by itself asks for the whole.
    const headers = { 'If-None-Match': first.headers.get('etag') ?? '', 'Cache-Control': 'max-age=0' };
    expect((await server.get('/vouch/v1/changes?since=1', { headers })).status).toBe(304);
    await server.hold(BOB.bytes);
    expect((await server.get('/vouch/v1/changes?since=1', { headers })).status).toBe(200);
  });

  it('lists what is written while the answer is made, or leaves it for the next one', async () => {
    const keystore = new MemoryKeystore({ now: () => NOW * 1000 });
    const status = keystore.status.bind(keystore);
    const server = await startServer({ keystore });
    await server.hold(ALICE.bytes);
    keystore.status = async () => {
      const before = await status();
      if (before.sequence === 1) await server.hold(BOB.bytes);
      return before;
    };
    expect(await changes(server)).toMatchObject({ sequence: 2, changes: [{ sequence: 1 }, { sequence: 2 }] });
  });
});

describe('HkpClient.changes', () => {
  it('reads the log of our server', async () => {
    const server = await serverWith(ALICE, BOB);
    const client = new HkpClient(server.url);
    const answer = await client.changes(1);
    expect(answer).toMatchObject({ sequence: 2, changes: [{ sequence: 2, fingerprint: BOB.fingerprint }] });
    expect(await client.changes(0, 1)).toMatchObject({ log: answer?.log, sequence: 2, more: true });
    expect(await client.changes(9)).toMatchObject({ sequence: 2, changes: [] });
  });

  async function clientOf(status: number, body: string): Promise<HkpClient> {
    const server = createServer((_, response) => void response.writeHead(status).end(body));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    return new HkpClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }

  it('tells a keystore without such a log from one that fails', async () => {
    expect(await (await clientOf(404, 'no')).changes(0)).toBeUndefined();
    await expect((await clientOf(500, 'no')).changes(0)).rejects.toMatchObject({ code: 'REFUSED' });
    await expect((await clientOf(200, '<html>')).changes(0)).rejects.toMatchObject({ code: 'BAD_ANSWER' });
  });

  it('takes a key that is gone for good (410) for one that is not there', async () => {
    expect(await (await clientOf(410, 'gone')).get(ALICE.fingerprint)).toEqual([]);
  });

  const one = { sequence: 5, fingerprint: ALICE.fingerprint };
  it.each([
    ['no sequence', { changes: [], more: false }],
    [
      'a change that is not after what was asked for',
      { sequence: 9, changes: [{ ...one, sequence: 4 }], more: false },
    ],
    ['changes in no order', { sequence: 9, changes: [{ ...one, sequence: 6 }, one], more: false }],
    ['a change beyond the newest', { sequence: 4, changes: [one], more: false }],
    [
      'a fingerprint that is none',
      { sequence: 9, changes: [{ sequence: 5, fingerprint: 'x' }], more: false },
    ],
    ['more to come after nothing', { sequence: 9, changes: [], more: true }],
    [
      'more than was asked for',
      { sequence: 9, changes: [one, { ...one, sequence: 6 }, { ...one, sequence: 7 }], more: false },
    ],
    ['a digest that is none', { sequence: 9, changes: [{ ...one, digest: 'x' }], more: false }],
    ['a name that is none', { log: 7, sequence: 9, changes: [], more: false }],
  ])('refuses %s', (_, answer) => {
    expect(() => readChanges(JSON.stringify(answer), 4, 2)).toThrow(
      expect.objectContaining({ code: 'BAD_ANSWER' }),
    );
  });

  it('reads any text or refuses it', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        let error: unknown;
        try {
          readChanges(text, 0, 10);
        } catch (thrown) {
          error = thrown;
        }
        expect(error === undefined || error instanceof HkpClientError).toBe(true);
      }),
    );
  });
});
