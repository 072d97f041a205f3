import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { HkpClient } from '../../src/hkp/client.ts';
import { readDigests } from '../../src/hkp/client/digests-answer.ts';
import { DIGESTS_PAGE } from '../../src/hkp/client/limits.ts';
import { MAX_DIGESTS } from '../../src/hkp/limits.ts';
import { keyring, makeCertificate, userId } from '../fixtures/test-key.ts';
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

async function digests(server: TestServer, ...of: readonly string[]): Promise<Record<string, string>> {
  const answer = await server.get(`/vouch/v1/digests?of=${of.join(',')}`);
  return ((await answer.json()) as { digests: Record<string, string> }).digests;
}

describe('GET /vouch/v1/digests', () => {
  it('tells of what is held the digest that the change log tells, and of the rest nothing', async () => {
    const server = await serverWith(ALICE, BOB);
    const log = await new HkpClient(server.url).changes(0);
    const told = log?.changes.map(({ fingerprint, digest }) => [fingerprint, digest]) ?? [];
    expect(await digests(server, ALICE.fingerprint, BOB.fingerprint, CAROL.fingerprint)).toEqual(
      Object.fromEntries(told),
    );
  });

  it('tells another digest once the certificate has grown, and none once it is removed', async () => {
    const server = await serverWith(ALICE);
    const before = await digests(server, ALICE.fingerprint);
    const more = userId('Alice at work');
    await server.hold(keyring(ALICE.key.key.packet, more, ALICE.key.certify(more)));
    const after = await digests(server, ALICE.fingerprint);
    expect(after[ALICE.fingerprint]).toMatch(/^[0-9a-f]{64}$/);
    expect(after).not.toEqual(before);
    await server.keystore.remove({
      fingerprint: ALICE.fingerprint,
      time: NOW * 1000,
      by: 'operator',
      reason: 'x',
    });
    expect(await digests(server, ALICE.fingerprint)).toEqual({});
  });

  it('takes a hundred fingerprints and no more, and nothing that is none', async () => {
    const server = await serverWith(ALICE);
    const { fingerprint } = ALICE;
    const many = Array.from({ length: MAX_DIGESTS }, () => fingerprint.toLowerCase());
    const reads = vi.spyOn(server.keystore, 'bytes');
    expect(Object.keys(await digests(server, ...many))).toEqual([fingerprint]);
    // One that is named again is not read again.
    expect(reads).toHaveBeenCalledOnce();
    for (const of of [[...many, fingerprint], [], ['0x1234'], [fingerprint, '__proto__']]) {
      const answer = await server.get(`/vouch/v1/digests?of=${of.join(',')}`);
      expect(await errorOf(answer)).toMatchObject({ code: 400 });
    }
  });
});

describe('a client that asks for digests', () => {
  it('asks once for each hundred', async () => {
    const asked: number[] = [];
    const server = createServer((request, response) => {
      const of = new URL(request.url ?? '', 'http://x').searchParams.get('of')?.split(',') ?? [];
      asked.push(of.length);
      response.end(JSON.stringify({ digests: Object.fromEntries(of.map((one) => [one, 'a'.repeat(64)])) }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const fingerprints = Array.from({ length: 2 * DIGESTS_PAGE + 1 }, (_, n) =>
      n.toString(16).toUpperCase().padStart(40, '0'),
    );
    const told = await new HkpClient(`http://127.0.0.1:${port}`).digests(fingerprints);
    expect(asked).toEqual([DIGESTS_PAGE, DIGESTS_PAGE, 1]);
    expect([...(told?.keys() ?? [])]).toEqual(fingerprints);
  });

  it('finds none at another key server', async () => {
    const server = createServer((_, response) => void response.writeHead(404).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    expect(await new HkpClient(`http://127.0.0.1:${port}`).digests([ALICE.fingerprint])).toBeUndefined();
  });

  it('takes nothing that it did not ask for, and nothing that is no digest', () => {
    const digest = 'b'.repeat(64);
    const asked = new Set([ALICE.fingerprint]);
    const read = (value: unknown): ReadonlyMap<string, string> => readDigests(JSON.stringify(value), asked);
    expect(read({ digests: { [ALICE.fingerprint]: digest } }).get(ALICE.fingerprint)).toBe(digest);
    for (const value of [
      { digests: { [BOB.fingerprint]: digest } },
      { digests: { [ALICE.fingerprint]: digest.toUpperCase() } },
      { digests: { [ALICE.fingerprint]: 1 } },
      { digests: [digest] },
      { digests: null },
      {},
      null,
    ]) {
      expect(() => read(value)).toThrow(expect.objectContaining({ code: 'BAD_ANSWER' }) as Error);
    }
    expect(() => readDigests('{', asked)).toThrow(expect.objectContaining({ code: 'BAD_ANSWER' }) as Error);
  });
});
