/* Whose key it is, and revocations, which are everybody's. Over HTTP against the whole application. */
import { describe, expect, it } from 'vitest';
import type { PushMode } from '../../src/access/push-control.ts';
import type { OwnerRules } from '../../src/access/token.ts';
import { armor } from '../../src/openpgp/armor.ts';
import { keyring } from '../fixtures/test-key.ts';
import { alice, bearer, bob, guarded } from './guarded.ts';
import { errorOf } from './harness.ts';

describe('a server that asks whose key it is', () => {
  it.each<[string, Partial<OwnerRules>]>([
    ['a fingerprint', { fingerprints: [alice.fingerprint] }],
    ['an address', { emails: ['alice@example.org'] }],
    ['a domain', { domains: ['example.org'] }],
  ])('A12 takes what a token limited to %s may push, and answers another key with 403', async (_, rules) => {
    const { push, store, token } = await guarded('owner');
    const header = bearer(await token({}, rules));
    const before = await store();
    const refused = await push(bob.armored, header);
    expect(refused.status).toBe(403);
    expect((await errorOf(refused)).message).toMatch(/for other keys/);
    expect(await store()).toBe(before);
    expect((await push(alice.armored, header)).status).toBe(200);
  });

  it('A12 takes of an upload with several what the token may push, and names the rest', async () => {
    const { server, push, token } = await guarded('owner');
    const header = bearer(await token({}, { domains: ['example.org'] }));
    const both = armor(Buffer.concat([bob.bytes, alice.bytes]));
    const answer = await push(both, header);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toMatch(/^1 of 2 certificates accepted\..*was refused: .*for other keys/);
    expect(await server.keystore.get(bob.fingerprint)).toBeUndefined();
    expect(await server.keystore.get(alice.fingerprint)).toBeDefined();
  });

  it('A12 a token without rules may push nothing, one of an administrator everything', async () => {
    const { push, token } = await guarded('owner');
    expect((await push(alice.armored, bearer(await token()))).status).toBe(403);
    expect((await push(alice.armored, bearer(await token({ role: 'admin' })))).status).toBe(200);
  });
});

describe('a revocation', () => {
  const revocation = armor(keyring(alice.key.revoke()));

  it.each<PushMode>(['open', 'token', 'owner'])('is taken from anybody in mode %s', async (mode) => {
    const { push, server } = await guarded(mode);
    await server.hold(alice.bytes);
    expect((await push(revocation)).status).toBe(200);
    const index = await server.get('/pks/lookup?op=index&options=mr&search=alice');
    expect(await index.text()).toMatch(/^pub:.*:r$/m);
  });

  it('is taken from a token that is for other keys', async () => {
    const { push, server, token } = await guarded('owner');
    await server.hold(alice.bytes);
    expect((await push(revocation, bearer(await token()))).status).toBe(200);
  });

  it('counts beside a key that is not taken: the push has done something', async () => {
    const { push, server } = await guarded('token');
    await server.hold(alice.bytes);
    const answer = await push(armor(Buffer.concat([alice.key.revoke().raw, bob.bytes])));
    expect(answer.status).toBe(200);
    expect(await answer.text()).toMatch(/^1 of 2 certificates accepted\..*only with a token/);
    expect(await server.keystore.get(bob.fingerprint)).toBeUndefined();
  });

  it('brings nothing else in with it', async () => {
    const { push, server } = await guarded('token');
    const stripped = keyring(...alice.packets.slice(0, -2));
    await server.hold(stripped);
    const [primary, ...rest] = alice.packets;
    if (primary === undefined) throw new Error('a certificate has a primary key');
    await push(armor(keyring(primary, alice.key.revoke(), ...rest)));
    const held = await server.get(`/pks/lookup?op=index&options=mr&search=0x${alice.fingerprint}`);
    expect(await held.text()).toMatch(/^pub:.*:r$/m);
    const subkey = await server.get(`/pks/lookup?op=get&search=0x${alice.subkey.fingerprint}`);
    expect(subkey.status).toBe(404);
  });

  it('is not taken in mode closed but from an administrator', async () => {
    const { push, server, token, store } = await guarded('closed');
    await server.hold(alice.bytes);
    const before = await store();
    expect((await push(revocation)).status).toBe(401);
    expect((await push(revocation, bearer(await token()))).status).toBe(403);
    expect(await store()).toBe(before);
    expect((await push(revocation, bearer(await token({ role: 'admin' })))).status).toBe(200);
  });
});
