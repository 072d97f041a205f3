import { describe, expect, it } from 'vitest';
import { MAX_WAITING, RETRY_AFTER } from '../../../src/hkp/peers/limits.ts';
import { armor } from '../../../src/openpgp/armor.ts';
import { keyring, makeCertificate, subpackets, TestKey, userId } from '../../fixtures/test-key.ts';
import type { TestCertificate } from '../../fixtures/test-key.ts';
import { heldBy, node, sequenceOf } from './exchanging.ts';

const alice = makeCertificate();
const bob = makeCertificate(['Bob <bob@example.net>']);
const six = makeCertificate(['Six <six@example.net>'], { version: 6 });
const revoked = ({ key, packets }: TestCertificate): Uint8Array => {
  const [first, ...rest] = packets;
  return first === undefined ? new Uint8Array() : keyring(first, key.revoke(), ...rest);
};
const tombstone = (fingerprint: string) =>
  ({ fingerprint, time: 1, by: 'operator', reason: 'asked for' }) as const;

describe('pull by the change log', () => {
  it('takes over all that a peer holds, then only what changed', async () => {
    const [here, there] = [await node(), await node()];
    const peer = { url: there.server.url, pull: 'changes' } as const;
    for (const { armored } of [alice, bob, six]) await there.server.push(armored);
    expect(await here.exchange(peer)).toMatchObject({ fetched: 3, inserted: 3, updated: 0, refused: 0 });
    expect(await heldBy(here)).toEqual(await heldBy(there));
    there.asked.length = 0;
    expect(await here.exchange(peer)).toMatchObject({ fetched: 0, inserted: 0 });
    expect(there.asked).toEqual(['GET /vouch/v1/changes']);
    await there.server.push(armor(revoked(alice)));
    expect(await here.exchange(peer)).toMatchObject({ fetched: 1, updated: 1 });
    expect(await here.keystore.bytes(alice.fingerprint)).toEqual(
      await there.keystore.bytes(alice.fingerprint),
    );
  });

  it('does not fetch what it holds already, byte for byte', async () => {
    const [here, there] = [await node(), await node()];
    for (const one of [here, there]) await one.server.push(alice.armored);
    expect(await here.exchange({ url: there.server.url, pull: 'changes' })).toMatchObject({ fetched: 0 });
    expect(there.asked).not.toContain('GET /pks/lookup');
  });

  it('takes nothing that the operator blocks or removed', async () => {
    const [here, there] = [await node({ blocked: [alice.fingerprint] }), await node()];
    await here.keystore.remove(tombstone(bob.subkey.fingerprint));
    for (const { armored } of [alice, bob]) await there.server.push(armored);
    const url = there.server.url;
    expect(await here.exchange({ url, pull: 'changes' })).toMatchObject({
      fetched: 2,
      inserted: 0,
      refused: 2,
    });
    expect(await heldBy(here)).toEqual([]);
    expect((await here.state(url)).refusals.map(({ side, fingerprint }) => [side, fingerprint])).toEqual([
      ['here', alice.fingerprint],
      ['here', bob.fingerprint],
    ]);
  });

  it('tells of what a peer removed, and keeps it', async () => {
    const [here, there] = [await node(), await node()];
    const peer = { url: there.server.url, pull: 'changes' } as const;
    await there.server.push(alice.armored);
    await here.exchange(peer);
    await there.keystore.remove(tombstone(alice.fingerprint));
    await there.keystore.remove(tombstone(bob.fingerprint));
    expect(await here.exchange(peer)).toMatchObject({ removedThere: 1, fetched: 0 });
    expect(await heldBy(here)).toEqual([alice.fingerprint]);
    expect(here.lines).toContainEqual(
      expect.objectContaining({ level: 'warn', fields: { peer: 'peer', fingerprint: alice.fingerprint } }),
    );
    await there.keystore.unblock(alice.fingerprint);
    expect(await here.exchange(peer)).toMatchObject({ removedThere: 0 });
  });

  it('believes nothing: another certificate and a broken one do not get in', async () => {
    const [here, there] = [await node(), await node()];
    const carol = makeCertificate(['Carol <carol@example.org>']);
    for (const { armored } of [alice, bob]) await there.server.push(armored);
    const { key } = carol;
    const uid = userId('Carol <carol@example.org>');
    const forged = keyring(key.key.packet, uid, key.certify(uid, { broken: true }));
    await there.server.hold(forged);
    there.front.before = async (ctx, next) => {
      const search = new URLSearchParams(ctx.querystring).get('search');
      if (search !== `0x${alice.fingerprint}`) return next();
      ctx.body = bob.armored;
    };
    const url = there.server.url;
    expect(await here.exchange({ url, pull: 'changes' })).toMatchObject({ inserted: 1, refused: 2 });
    expect(await heldBy(here)).toEqual([bob.fingerprint]);
  });

  it('tries again later what a peer cannot give now, and gives up some time', async () => {
    const [here, there] = [await node(), await node()];
    const peer = { url: there.server.url, pull: 'changes' } as const;
    for (const { armored } of [alice, bob]) await there.server.push(armored);
    there.front.before = async (ctx, next) => {
      if (!ctx.querystring.includes(alice.fingerprint)) return next();
      ctx.body = '<html>back soon</html>';
    };
    expect(await here.exchange(peer)).toMatchObject({ inserted: 1, waiting: 1, refused: 0 });
    expect(await here.exchange(peer)).toMatchObject({ fetched: 0, waiting: 1 });
    for (const after of RETRY_AFTER.slice(0, -1)) {
      here.clock.now += after;
      expect(await here.exchange(peer)).toMatchObject({ waiting: 1, refused: 0 });
    }
    here.clock.now += RETRY_AFTER.at(-1) ?? 0;
    expect(await here.exchange(peer)).toMatchObject({ waiting: 0, refused: 1 });
    there.front.before = undefined;
    await there.server.push(armor(revoked(alice)));
    expect(await here.exchange(peer)).toMatchObject({ inserted: 1 });
  });

  it('stops, and passes nothing over, when a peer answers nonsense for everything', async () => {
    const [here, there] = [await node(), await node()];
    const peer = { url: there.server.url, pull: 'changes' } as const;
    const one = makeCertificate(['first <first@example.org>']);
    await there.server.push(one.armored);
    const more = Array.from({ length: MAX_WAITING + 5 }, (_, i) =>
      (i + 1).toString(16).toUpperCase().padStart(40, '0'),
    );
    for (const fingerprint of more) {
      await there.keystore.update(fingerprint, () => ({ fingerprint, bytes: Uint8Array.of(1), terms: [] }));
    }
    there.front.before = async (ctx, next) => {
      if (ctx.path === '/pks/lookup') ctx.body = 'a portal that wants money';
      else await next();
    };
    await expect(here.exchange(peer)).rejects.toMatchObject({ code: 'BAD_ANSWER' });
    const { pulled, toFetch } = await here.state(peer.url);
    expect(toFetch).toHaveLength(MAX_WAITING);
    expect(pulled.since).toBe(MAX_WAITING);
  });

  it.each([
    ['a shorter one', [six]],
    ['one that is as long', [six, makeCertificate(['Carol <carol@example.org>'])]],
  ])('reads all again when the peer has another log, %s', async (_, certificates) => {
    const [here, there, other] = [await node(), await node(), await node()];
    for (const { armored } of [alice, bob]) await there.server.push(armored);
    const peer = { url: there.server.url, pull: 'changes' } as const;
    await here.exchange(peer);
    for (const { armored } of certificates) await other.server.push(armored);
    there.front.before = async (ctx) => {
      const answer = await fetch(`${other.server.url}${ctx.url}`);
      ctx.status = answer.status;
      ctx.body = Buffer.from(await answer.arrayBuffer());
    };
    expect(await here.exchange(peer)).toMatchObject({ inserted: certificates.length });
    expect(await sequenceOf(here)).toBe(2 + certificates.length);
    expect(here.lines.map(({ message }) => message)).toContain(
      'the change log of a peer is another one; all of it is read again',
    );
  });

  it('says that a server without a change log can be asked for a list only', async () => {
    const [here, there] = [await node(), await node()];
    there.front.before = async (ctx) => {
      ctx.status = 404;
    };
    await expect(here.exchange({ url: there.server.url, pull: 'changes' })).rejects.toMatchObject({
      code: 'REFUSED',
      message: expect.stringContaining('list only') as string,
    });
  });
});

describe('pull by a list', () => {
  it('fetches listed fingerprints, of subkeys too, and searches for addresses', async () => {
    const [here, there] = [await node(), await node()];
    const carol = makeCertificate(['Carol <carol@example.org>']);
    for (const { armored } of [alice, bob, six, carol]) await there.server.push(armored);
    const run = await here.exchange({
      url: there.server.url,
      pull: 'list',
      fingerprints: [alice.subkey.fingerprint, six.fingerprint, 'F'.repeat(40)],
      searches: ['BOB@example.net', 'nobody@example.org'],
    });
    expect(run).toMatchObject({ fetched: 3, inserted: 3, refused: 0 });
    expect(await heldBy(here)).toEqual([alice, bob, six].map(({ fingerprint }) => fingerprint).toSorted());
  });

  it('takes only what was asked for, whatever the server sends', async () => {
    const [here, there] = [await node(), await node()];
    for (const { armored } of [alice, bob]) await there.server.push(armored);
    there.front.before = async (ctx, next) => {
      const query = new URLSearchParams(ctx.querystring);
      if (query.get('op') === 'index')
        ctx.body = `info:1:1\npub:${bob.fingerprint}:22:256:1::\nuid:alice@example.org:1::\n`;
      else if (query.get('search') === `0x${six.fingerprint}`) ctx.body = alice.armored;
      else await next();
    };
    const run = await here.exchange({
      url: there.server.url,
      pull: 'list',
      fingerprints: [six.fingerprint],
      searches: ['alice@example.org'],
    });
    expect(run).toMatchObject({ fetched: 2, inserted: 0, refused: 2 });
    expect(await heldBy(here)).toEqual([]);
  });
});

describe('a revocation by a key that its owner has named', () => {
  const [owner, revoker] = [new TestKey(), makeCertificate(['Revoker'])];
  const named = owner.direct({ hashed: [subpackets.revoker(revoker.fingerprint)] });
  const alone = keyring(owner.key.packet, named);
  const revokedKey = keyring(owner.key.packet, revoker.key.revoke({ of: owner }), named);

  /** A node whose change log names the revoker last. */
  async function revokedThere(): Promise<Awaited<ReturnType<typeof node>>> {
    const there = await node();
    await there.server.push(revoker.armored);
    await there.server.push(armor(revokedKey));
    const alias = userId('Revoker too');
    await there.server.push(armor(keyring(revoker.key.key.packet, alias, revoker.key.certify(alias))));
    return there;
  }

  it.each([
    ['pulled by the change log', { pull: 'changes' }],
    ['pulled by a list', { pull: 'list', fingerprints: [owner.fingerprint, revoker.fingerprint] }],
  ] as const)('comes over when it is %s, though that key comes later', async (_, how) => {
    const [here, there] = [await node(), await revokedThere()];
    await here.exchange({ url: there.server.url, ...how });
    expect(await here.keystore.bytes(owner.fingerprint)).toEqual(
      await there.keystore.bytes(owner.fingerprint),
    );
    expect(await heldBy(here)).toEqual(await heldBy(there));
  });

  it('comes over when it is pushed, though that key comes later', async () => {
    const [here, there] = [await revokedThere(), await node()];
    await here.exchange({ url: there.server.url, push: true });
    expect(await there.keystore.bytes(owner.fingerprint)).toEqual(
      await here.keystore.bytes(owner.fingerprint),
    );
  });

  it('does not make a list take over a key that it does not name', async () => {
    const [here, there] = [await node(), await revokedThere()];
    const fingerprints = [owner.fingerprint];
    await here.exchange({ url: there.server.url, pull: 'list', fingerprints });
    expect(await heldBy(here)).toEqual(fingerprints);
    expect(await here.keystore.bytes(owner.fingerprint)).toEqual(Buffer.from(alone));
  });
});
