/* hkp.md 5.5: what is found by what. Each case has its id in its name. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { makeCertificate, type TestCertificate } from '../fixtures/test-key.ts';
import { errorOf, startServer, type TestServer } from './harness.ts';

const alice = makeCertificate(['Alice Example <alice@example.org>']);
const bob = makeCertificate(['Bob <bob+sif@example.org>', 'Bobby Example']);
const muller = makeCertificate(['J\u00F6rg M\u00FCller <mueller@example.org>']);
const dave = makeCertificate(['Dave <dave@example.org>'], { version: 6 });

const TWINS = new URL('../../../shared/testdata/openpgp/twins/', import.meta.url);

async function serve(...certificates: readonly TestCertificate[]): Promise<TestServer> {
  const server = await startServer();
  for (const { bytes } of certificates) await server.hold(bytes);
  return server;
}

const get = (server: TestServer, search: string, more = ''): Promise<Response> =>
  server.get(`/pks/lookup?op=get&search=${search}${more}`);
const index = (server: TestServer, search: string, more = ''): Promise<Response> =>
  server.get(`/pks/lookup?op=index&options=mr&search=${search}${more}`);

/** Fingerprints of an index, in its order. */
async function listed(answer: Promise<Response>): Promise<string[]> {
  const text = await (await answer).text();
  return [...text.matchAll(/^pub:([0-9A-F]+):/gm)].map(([, fingerprint = '']) => fingerprint);
}

const grouped = (text: string, size: number, by: string): string =>
  (text.match(new RegExp(`.{1,${size}}`, 'g')) ?? []).join(by);

describe('lookup by fingerprint and key ID', () => {
  const fingerprint = alice.fingerprint;
  const keyId = fingerprint.slice(-16);

  it.each([
    `0x${fingerprint}`,
    `0x${fingerprint.toLowerCase()}`,
    `0X${fingerprint}`,
    `0x${grouped(fingerprint, 4, '%20')}`,
    `${grouped(fingerprint.slice(0, 20), 4, '%20')}%20%20${grouped(fingerprint.slice(20), 4, '%20')}`,
    `0x${grouped(fingerprint, 4, '+')}`,
    grouped(fingerprint, 4, '+'),
    `0x${grouped(fingerprint, 2, ':')}`,
    grouped(fingerprint.toLowerCase(), 2, '%3A'),
  ])('L1 a fingerprint is read however it is written: %s', async (search) => {
    const server = await serve(alice, bob);
    expect(await (await get(server, search)).text()).toBe(alice.armored);
    expect(await listed(index(server, search))).toEqual([fingerprint]);
  });

  it.each([fingerprint, fingerprint.toLowerCase(), keyId, keyId.toLowerCase(), keyId.slice(8)])(
    'L2 bare digits are an ID: %s',
    async (search) => {
      const server = await serve(alice, bob);
      expect(await (await get(server, search)).text()).toBe(alice.armored);
      expect(await listed(index(server, search))).toEqual([fingerprint]);
    },
  );

  it('L2 a word that happens to be hexadecimal is an ID first, then a word', async () => {
    const beef = makeCertificate(['Dead Beef <deadbeef@example.org>']);
    const server = await serve(beef, alice);
    expect(await listed(index(server, 'deadbeef'))).toEqual([beef.fingerprint]);
    expect((await get(server, '0xdeadbeef')).status).toBe(404);
    await server.hold(alice.bytes, [{ kind: 'short', value: 'DEADBEEF' }]);
    expect(await listed(index(server, 'deadbeef'))).toEqual([alice.fingerprint]);
  });

  it('L3 a subkey leads to its certificate', async () => {
    const server = await serve(alice, bob);
    const { fingerprint: subkey } = alice.subkey;
    for (const search of [subkey, subkey.slice(-16), subkey.slice(-8)]) {
      expect(await (await get(server, `0x${search}`)).text()).toBe(alice.armored);
      expect(await listed(index(server, `0x${search}`))).toEqual([fingerprint]);
    }
  });

  it.each([9, 12, 15])('L4 the leading zeros of a key ID of %i digits are put back', async (digits) => {
    const server = await serve();
    const short = 'A123456789ABCDE'.slice(0, digits);
    await server.hold(alice.bytes, [{ kind: 'keyid', value: short.padStart(16, '0') }]);
    expect(await (await get(server, `0x${short.toLowerCase()}`)).text()).toBe(alice.armored);
  });

  it.each(['0x', '0x1234567', ...[17, 31, 33, 39, 41, 63, 65, 200].map((n) => `0x${'A'.repeat(n)}`)])(
    'L5 an ID of a length that does not exist is 400: %s',
    async (search) => {
      const server = await serve(alice);
      expect((await get(server, search)).status).toBe(400);
      expect((await index(server, search)).status).toBe(400);
    },
  );

  it.each(['0xZZ', 'A'.repeat(39), 'A'.repeat(41), `0x${'A'.repeat(32)}`])(
    'L5 what is no ID is text: %s',
    async (search) => {
      const server = await serve(alice);
      expect((await get(server, search)).status).toBe(404);
      expect((await index(server, search)).status).toBe(404);
    },
  );

  it('L6 a key ID of 8 digits that one certificate has is answered', async () => {
    const server = await serve(alice, bob);
    expect(await (await get(server, `0x${fingerprint.slice(-8)}`)).text()).toBe(alice.armored);
  });

  it('L7 a v6 certificate is 404 with a reason in the legacy protocol, and given with options=bin', async () => {
    const server = await serve(dave);
    const v6KeyId = dave.fingerprint.slice(0, 16);
    for (const search of [`0x${dave.fingerprint}`, `0x${v6KeyId}`, 'dave@example.org']) {
      const refused = await get(server, search);
      expect(refused.status).toBe(404);
      expect((await errorOf(refused)).message).toContain('version 6');
      expect((await index(server, search)).status).toBe(404);
      const binary = await get(server, search, '&options=bin');
      expect(binary.headers.get('content-type')).toBe('application/pgp');
      expect(Buffer.from(await binary.arrayBuffer())).toEqual(dave.bytes);
    }
    expect((await server.get(`/pks/v2/certs/by-keyid/${v6KeyId}`)).status).toBe(404);
  });

  it('L8 F2 certificates with the same 64-bit key ID come in one armor', async () => {
    const server = await serve(alice);
    await server.hold(bob.bytes, [{ kind: 'keyid', value: keyId }]);
    const armored = await (await get(server, `0x${keyId}`)).text();
    expect(armored.match(/BEGIN PGP/g)).toHaveLength(1);
    const { dearmor } = await import('../../src/openpgp/armor.ts');
    const both = Buffer.from(dearmor(Buffer.from(armored))[0]?.data ?? []);
    const inOrder = [alice, bob].toSorted((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1));
    expect(both).toEqual(Buffer.concat(inOrder.map(({ bytes }) => bytes)));
    expect(await listed(index(server, `0x${keyId}`))).toEqual(inOrder.map((one) => one.fingerprint));
  });

  it('L8 F2 an ambiguous 32-bit key ID is 404 and says to use the fingerprint', async () => {
    const server = await serve(alice);
    await server.hold(bob.bytes, [{ kind: 'short', value: keyId.slice(8) }]);
    const answer = await get(server, `0x${keyId.slice(8)}`);
    expect(answer.status).toBe(404);
    expect((await errorOf(answer)).message).toMatch(/ambiguous.*fingerprint/);
    expect(await listed(index(server, `0x${keyId.slice(8)}`))).toHaveLength(2);
  });

  it.skipIf(!existsSync(TWINS))(
    'L8 the twins dda252ebb8ebe1af of GnuPG are told apart (needs ../shared/testdata)',
    async () => {
      const server = await startServer();
      for (const name of ['dda252ebb8ebe1af-1.asc', 'dda252ebb8ebe1af-2.asc']) {
        expect((await server.push(readFileSync(new URL(name, TWINS), 'latin1'))).status).toBe(200);
      }
      const fingerprints = await listed(index(server, '0xdda252ebb8ebe1af'));
      expect(fingerprints).toHaveLength(2);
      expect((await get(server, '0xdda252ebb8ebe1af')).status).toBe(200);
      expect((await get(server, '0xb8ebe1af')).status).toBe(404);
      for (const one of fingerprints) {
        const answer = await get(server, `0x${one}`);
        expect(answer.headers.get('content-disposition')).toContain(one);
      }
    },
  );

  it('U34 the fingerprint of a primary key gives that certificate, also when another has it as a subkey', async () => {
    const server = await serve(alice);
    await server.hold(bob.bytes, [{ kind: 'fingerprint', value: fingerprint }]);
    expect(await (await get(server, `0x${fingerprint}`)).text()).toBe(alice.armored);
  });
});

describe('lookup by text', () => {
  it.each([
    'bob+sif@example.org',
    'bob%2Bsif@example.org',
    'bob%20sif@example.org',
    'BOB%2bSIF@EXAMPLE.ORG',
    '%3Cbob+sif@example.org%3E',
    '<bob%20sif@example.org>',
  ])('L9 an e-mail address is found, its plus sent in any way: %s', async (search) => {
    const server = await serve(alice, bob);
    for (const exact of ['', '&exact=on']) {
      expect(await listed(index(server, search, exact))).toEqual([bob.fingerprint]);
      expect(await (await get(server, search, exact)).text()).toBe(bob.armored);
    }
  });

  it('L9 a plus between words is a space', async () => {
    const server = await serve(alice, bob);
    expect(await listed(index(server, 'Alice+Example'))).toEqual([alice.fingerprint]);
    expect(await listed(index(server, 'alice+example+%3Calice%40example.org%3E', '&exact=on'))).toEqual([
      alice.fingerprint,
    ]);
  });

  it('L9 certificates with the very address come before, and instead of, those with its words', async () => {
    const other = makeCertificate(['Alice of example.org <org@alice.example>']);
    const server = await serve(alice, other);
    expect(await listed(index(server, 'alice@example.org'))).toEqual([alice.fingerprint]);
    expect(await listed(index(server, 'org@alice'))).toHaveLength(2);
  });

  it('F10 an address that only looks alike is another one', async () => {
    const squatted = makeCertificate(['Alice <alice@ex\u0430mple.org>']);
    const server = await serve(alice, squatted);
    expect(await listed(index(server, 'alice@example.org'))).toEqual([alice.fingerprint]);
    const cyrillic = encodeURIComponent('alice@ex\u0430mple.org');
    expect(await listed(index(server, cyrillic))).toEqual([squatted.fingerprint]);
  });

  it.each([
    'M\u00FCller',
    'Mu\u0308ller',
    'M\u00DCLLER',
    'm%C3%BCller',
    'mu%CC%88ller',
    'm%FCller',
    'j%F6rg m%FCller',
  ])('L10 letters are found however they are composed and encoded: %s', async (search) => {
    const server = await serve(alice, muller);
    const encoded = search.includes('%') ? search : encodeURIComponent(search);
    expect(await listed(index(server, encoded))).toEqual([muller.fingerprint]);
  });

  it.each([
    '*',
    '%',
    '_',
    '.*',
    '(a+)+$',
    '\\',
    '"',
    "'",
    '$where',
    "'; --",
    'alice\0',
    '\0',
    '\xff',
    '!',
    'al*',
    'alic',
    'alic_',
    'lice',
    'email!alice',
  ])('L11 nothing in a search is a pattern or a way into another index: %j', async (search) => {
    const server = await serve(alice, bob);
    const encoded = encodeURIComponent(search);
    const expected = search === 'alice\0' ? [alice.fingerprint] : [];
    expect(await listed(index(server, encoded))).toEqual(expected);
    expect((await get(server, encoded, '&exact=on')).status).toBe(404);
  });

  it.each(['', '%20', '%20%09', '+'])('L12 an empty search is 400: "%s"', async (search) => {
    const server = await serve(alice);
    expect((await index(server, search)).status).toBe(400);
    expect((await get(server, search)).status).toBe(400);
  });

  it('L12 one letter finds whole words only', async () => {
    const server = await serve(alice, makeCertificate(['X Y']));
    expect(await listed(index(server, 'a'))).toEqual([]);
    expect(await listed(index(server, 'x'))).toHaveLength(1);
  });

  it('L15 exact=on takes the whole user ID or the whole address only', async () => {
    const server = await serve(alice, bob);
    expect((await index(server, 'alice', '&exact=on')).status).toBe(404);
    expect((await index(server, 'example', '&exact=on')).status).toBe(404);
    expect(await listed(index(server, 'alice@example.org', '&exact=on'))).toEqual([alice.fingerprint]);
    expect(await listed(index(server, 'bobby%20EXAMPLE', '&exact=on'))).toEqual([bob.fingerprint]);
  });

  it('a get by words is answered when one certificate matches, and ambiguous when several do', async () => {
    const server = await serve(alice, bob);
    expect(await (await get(server, 'alice')).text()).toBe(alice.armored);
    const answer = await get(server, 'example');
    expect(answer.status).toBe(404);
    expect((await errorOf(answer)).message).toContain('ambiguous');
    expect(await (await get(server, 'bobby example')).text()).toBe(bob.armored);
  });

  it('a get by address gives every certificate that has it', async () => {
    const second = makeCertificate(['Alice again <alice@example.org>']);
    const server = await serve(alice, second, bob);
    const binary = await get(server, 'alice@example.org', '&options=bin');
    expect((await binary.arrayBuffer()).byteLength).toBe(alice.bytes.length + second.bytes.length);
  });
});
