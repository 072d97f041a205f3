import { describe, expect, it } from 'vitest';
import { FIRST_BACK_OFF, MAX_BACK_OFF, RETRY_AFTER } from '../../../src/hkp/peers/limits.ts';
import { armor } from '../../../src/openpgp/armor.ts';
import { makeCertificate } from '../../fixtures/test-key.ts';
import { bearer, guarded } from '../guarded.ts';
import { heldBy, node, sequenceOf } from './exchanging.ts';
import type { Node } from './exchanging.ts';

const alice = makeCertificate();
const bob = makeCertificate(['Bob <bob@example.net>']);

describe('push', () => {
  it('sends all that is held, then only what changed', async () => {
    const [here, there] = [await node(), await node()];
    const peer = { url: there.server.url, push: true } as const;
    for (const { armored } of [alice, bob]) await here.server.push(armored);
    expect(await here.exchange(peer)).toMatchObject({ pushed: 2, refusedThere: 0 });
    expect(await heldBy(there)).toEqual(await heldBy(here));
    expect(await here.exchange(peer)).toMatchObject({ pushed: 0 });
    // A bare revocation, which names its key only.
    await here.server.push(armor(alice.key.revoke().raw));
    expect(await here.exchange(peer)).toMatchObject({ pushed: 1 });
    expect(await there.keystore.bytes(alice.fingerprint)).toEqual(
      await here.keystore.bytes(alice.fingerprint),
    );
  });

  it('does not send back what came from the peer as it is', async () => {
    const [here, there] = [await node(), await node()];
    await there.server.push(alice.armored);
    await here.server.push(bob.armored);
    const run = await here.exchange({ url: there.server.url, pull: 'changes', push: true });
    expect(run).toMatchObject({ fetched: 1, pushed: 1 });
    expect(there.asked.filter((one) => one === 'POST /pks/add')).toHaveLength(2);
  });

  it('sends back what became more here', async () => {
    const [here, there] = [await node(), await node()];
    const peer = { url: there.server.url, pull: 'changes', push: true } as const;
    await there.server.push(alice.armored);
    await here.server.push(alice.armored);
    await here.server.push(armor(alice.key.revoke().raw));
    expect(await here.exchange(peer)).toMatchObject({ pushed: 1 });
    expect(await there.keystore.bytes(alice.fingerprint)).toEqual(
      await here.keystore.bytes(alice.fingerprint),
    );
  });

  it('ends in a ring of three that all push and pull: nothing changes any more', async () => {
    const ring = [await node(), await node(), await node()];
    const round = async (): Promise<void> => {
      for (const [i, one] of ring.entries()) {
        const next = ring[(i + 1) % ring.length];
        if (next !== undefined) await one.exchange({ url: next.server.url, pull: 'changes', push: true });
      }
    };
    await ring[0]?.server.push(alice.armored);
    await ring[1]?.server.push(bob.armored);
    await ring[2]?.server.push(alice.armored);
    await ring[2]?.server.push(armor(alice.key.revoke().raw));
    for (let i = 0; i < 3; i += 1) await round();
    const sequences = await Promise.all(ring.map(sequenceOf));
    const bytes = await Promise.all(ring.map((one) => one.keystore.bytes(alice.fingerprint)));
    expect(new Set(bytes.map((one) => Buffer.from(one ?? []).toString('hex'))).size).toBe(1);
    for (const one of ring) one.asked.length = 0;
    for (let i = 0; i < 2; i += 1) await round();
    expect(await Promise.all(ring.map(sequenceOf))).toEqual(sequences);
    expect(ring.flatMap(({ asked }) => asked).filter((one) => one === 'POST /pks/add')).toEqual([]);
  });

  it('goes on where it was when the peer comes back, and leaves it alone longer and longer until then', async () => {
    const [here, there] = [await node(), await node()];
    const peer = { url: there.server.url, push: true } as const;
    await here.server.push(alice.armored);
    await here.exchange(peer);
    there.front.before = async (ctx) => {
      ctx.status = 500;
    };
    await here.server.push(bob.armored);
    await expect(here.exchange(peer)).rejects.toMatchObject({ code: 'REFUSED' });
    const waits: number[] = [];
    for (let i = 0; i < 14; i += 1) {
      await expect(here.exchange(peer)).rejects.toMatchObject({ code: 'REFUSED' });
      const { notBefore } = await here.state(peer.url);
      waits.push(notBefore - here.clock.now);
      here.clock.now = notBefore - 1;
      expect(await here.exchange(peer)).toBeUndefined();
      here.clock.now = notBefore;
    }
    expect(waits.slice(0, 3)).toEqual([FIRST_BACK_OFF, 2 * FIRST_BACK_OFF, 4 * FIRST_BACK_OFF]);
    expect(waits.at(-1)).toBe(MAX_BACK_OFF);
    there.front.before = undefined;
    expect(await here.exchange(peer)).toMatchObject({ pushed: 1 });
    expect(await heldBy(there)).toEqual([alice.fingerprint, bob.fingerprint].toSorted());
    expect(await here.state(peer.url)).toMatchObject({ failures: 0, notBefore: 0 });
  });

  it('does not stop at a certificate that the peer does not want; tries it again and gives it up', async () => {
    const [here, there] = [await node(), await node({ blocked: [alice.fingerprint] })];
    const peer = { url: there.server.url, push: true } as const;
    for (const { armored } of [alice, bob]) await here.server.push(armored);
    expect(await here.exchange(peer)).toMatchObject({ pushed: 1, waiting: 1, refusedThere: 0 });
    for (const after of RETRY_AFTER) {
      here.clock.now += after;
      await here.exchange(peer);
    }
    const { refusals, toPush } = await here.state(peer.url);
    expect(toPush).toEqual([]);
    expect(refusals).toMatchObject([{ side: 'there', fingerprint: alice.fingerprint }]);
    expect(refusals[0]?.reason).toMatch(/^4\d\d: /);
  });

  it('waits when the peer says "not so fast", and sends all', async () => {
    const [here, there] = [await node(), await node()];
    for (const { armored } of [alice, bob]) await here.server.push(armored);
    let refused = 0;
    there.front.before = async (ctx, next) => {
      if (refused > 0) return next();
      refused += 1;
      ctx.status = 429;
      ctx.set('Retry-After', '0');
    };
    expect(await here.exchange({ url: there.server.url, push: true })).toMatchObject({ pushed: 2 });
  });

  it('sends its token, and to no other host that the peer sends it to', async () => {
    const there = await guarded('token');
    const here = await node();
    await here.server.push(alice.armored);
    const peer = { url: there.server.url, push: true } as const;
    const made = await there.token();
    const token = (): Promise<string> => Promise.resolve(bearer(made).replace('Bearer ', ''));
    expect(await here.exchange({ ...peer, token })).toMatchObject({ pushed: 1 });
    const seen: (string | undefined)[] = [];
    const [front, other] = [await node(), await node()];
    front.front.before = async (ctx) => {
      seen.push(ctx.get('Authorization'));
      ctx.redirect(`${other.server.url}${ctx.url}`);
      ctx.status = 307;
    };
    other.front.before = async (ctx, next) => {
      seen.push(ctx.get('Authorization'));
      await next();
    };
    expect(await here.exchange({ url: front.server.url, push: true, token })).toMatchObject({ pushed: 1 });
    expect(seen).toEqual([bearer(made), '']);
  });

  it('fails, and keeps everything for later, where a token is wanted and it has none or a wrong one', async () => {
    const [here, there] = [await node(), await guarded('token')];
    await here.server.push(alice.armored);
    const peer = { url: there.server.url, push: true } as const;
    const wrong = (): Promise<string> => Promise.resolve('wrong');
    await expect(here.exchange({ ...peer, token: wrong })).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    expect((await here.state(peer.url)).pushed.since).toBe(0);
  });

  it('ends when the server stops, and goes on with the next run', async () => {
    const stopping = new AbortController();
    const [here, there] = [await node({ stopping: stopping.signal }), await node()];
    for (const { armored } of [alice, bob]) await here.server.push(armored);
    there.front.before = async (_ctx, next) => {
      await next();
      stopping.abort();
    };
    const peer = { url: there.server.url, push: true } as const;
    await here.exchange(peer);
    const { pushed, failures } = await here.state(peer.url);
    expect(failures).toBe(0);
    expect(pushed.since).toBeLessThan(2);
  });

  it('offers all of it again when the own store became an older one', async () => {
    const [here, there] = [await node(), await node()];
    const peer = { url: there.server.url, push: true } as const;
    for (const { armored } of [alice, bob]) await here.server.push(armored);
    await here.exchange(peer);
    const older: Node = await node();
    await older.server.push(alice.armored);
    for await (const { kind, id, value } of here.keystore.documents('peer')) {
      await older.keystore.putDocument(kind, id, value, 0);
    }
    expect(await older.exchange(peer)).toMatchObject({ pushed: 1 });
  });
});
