/* Attacks by numbers. */
import { connect } from 'node:net';
import { truncate } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildImage, clearSigned, payloadOf, signatureObject, twoObjects } from '../../fixtures/sif-image.ts';
import { makeCertificate } from '../../fixtures/test-key.ts';
import { askUnix } from '../../http/ask-unix.ts';
import { AttackHost, until } from './attack-host.ts';

const alice = makeCertificate();
const signers = { alice: [alice.fingerprint] };

let host: AttackHost;
beforeAll(async () => {
  host = await AttackHost.start({ settings: '[limits]\nqueue = 8\nqueue_per_caller = 4\nworkers = 1' });
  await host.addKeys(alice);
});
afterAll(() => host.remove());

/** An image that takes a while to read: so many octets, most of them behind what is signed. */
async function largeImage(octets = 2 ** 28): Promise<string> {
  const path = await host.signed(alice.key);
  await truncate(path, octets);
  return path;
}

describe('many at once', () => {
  it('AD22: a thousand questions about one large image that nobody has read yet read it once', async () => {
    await host.use({ signers });
    const path = await largeImage(2 ** 30);
    const before = await host.metric('vouch_hashes_total');
    const answers = await Promise.all(
      Array.from({ length: 1000 }, () => host.admit(path, { wait_ms: 600_000 })),
    );
    expect(new Set(answers.map(({ effective }) => effective))).toEqual(new Set(['admit']));
    expect(new Set(answers.map(({ images }) => images[0]?.sha256)).size).toBe(1);
    expect((await host.metric('vouch_hashes_total')) - before).toBe(1);
  });

  it('S7.7 whoever does not wait long is refused, and what was begun for them is of use to the next', async () => {
    await host.use({ signers });
    const path = await largeImage();
    const before = await host.metric('vouch_hashes_total');
    expect(await host.admit(path, { wait_ms: 0 })).toMatchObject({
      verdict: 'undetermined',
      effective: 'refuse',
      codes: ['DEADLINE'],
    });
    expect(await host.admit(path, { wait_ms: 600_000 })).toMatchObject({ effective: 'admit' });
    expect((await host.metric('vouch_hashes_total')) - before).toBe(1);
  });

  it('S7.7 more large images than there is room for are turned away, and the daemon goes on', async () => {
    await host.use({ signers });
    const paths = [];
    for (let i = 0; i < 12; i += 1) paths.push(await largeImage());
    const answers = await Promise.all(
      paths.map((path) =>
        askUnix(host.socket, { path: '/v1/admit', body: { images: [{ path }], wait_ms: 600_000 } }),
      ),
    );
    const statuses = answers.map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
    const full = answers.find(({ status }) => status === 429);
    expect(JSON.parse(full?.text ?? '')).toMatchObject({
      error: { code: 'QUEUE_FULL', retry_after_ms: expect.any(Number) as number },
    });
    expect(await host.metric('vouch_overloads_total')).toBeGreaterThan(0);
    expect(await host.admit(await host.signed(alice.key))).toMatchObject({ effective: 'admit' });
  });

  it('S7.7 callers who connect and say nothing, or half of it, keep nobody waiting', async () => {
    await host.use({ signers });
    const slow = Array.from({ length: 200 }, () => {
      const socket = connect(host.socket);
      socket.on('error', () => undefined);
      socket.write(
        'POST /v1/admit HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{',
      );
      return socket;
    });
    try {
      expect(await host.admit(await host.signed(alice.key))).toMatchObject({ effective: 'admit' });
    } finally {
      for (const socket of slow) socket.destroy();
    }
    const huge = { images: [{ path: '/x' }], context: { a: 'x'.repeat(2 ** 22) } };
    expect((await askUnix(host.socket, { path: '/v1/admit', body: huge })).status).toBe(413);
    expect((await askUnix(host.socket, { path: '/v1/admit', body: '{"images":[' })).status).toBe(400);
  });

  it('S7.7 a daemon that is killed answers nothing, and whoever asks refuses', async () => {
    await host.use({ signers });
    const path = await host.signed(alice.key);
    const large = await largeImage();
    const asked = host.admit(large, { wait_ms: 600_000 }).catch(() => 'nothing');
    await until(
      () => host.metric('vouch_cache_misses_total'),
      (misses) => misses > 0,
    );
    await host.end('SIGKILL');
    expect(['nothing', 'admit']).toContain(
      await asked.then((answer) => (typeof answer === 'string' ? answer : answer.effective)),
    );
    expect((await host.vouch('admit', path)).code).toBe(30);
    await host.begin();
    await host.use({ signers });
    expect((await host.vouch('admit', path)).code).toBe(0);
  });

  it('S7.7 an image with many objects, and one with many signatures, cost a refusal', async () => {
    await host.use({ signers });
    const objects = Array.from({ length: 300 }, () => ({ type: 0x4006, data: Buffer.from('{}') }));
    expect((await host.judge(objects, { signers })).codes).toEqual(['LIMIT']);
    const two = twoObjects();
    const signature = signatureObject(clearSigned(alice.key, payloadOf(two)), {
      fingerprint: alice.fingerprint,
    });
    const many = [...two, ...Array.from({ length: 40 }, () => signature)];
    expect((await host.judge(many, { signers })).codes).toEqual(['LIMIT']);
    expect(buildImage(many).length).toBeLessThan(2 ** 20);
  });
});
