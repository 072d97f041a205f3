/* Addresses for people, over HTTP: the page of a key, and pushing with a preview. */
import { describe, expect, it } from 'vitest';
import { armor } from '../../src/openpgp/armor.ts';
import { MAX_CARRIED_OCTETS } from '../../src/hkp/limits.ts';
import { keyring, makeCertificate, subpackets, userId } from '../fixtures/test-key.ts';
import { startServer, type TestServer } from './harness.ts';

const alice = makeCertificate();
const BROWSER = { Accept: 'text/html' };

function form(keytext: string, headers: Record<string, string> = {}): RequestInit {
  return { method: 'POST', body: new URLSearchParams({ keytext }), headers: { ...BROWSER, ...headers } };
}

function carried(page: string): string {
  const value = /name="keytext" value="([^"]*)"/.exec(page)?.[1] ?? '';
  return value.replaceAll('&#39;', "'").replaceAll('&amp;', '&');
}

async function sequence({ keystore }: TestServer): Promise<number> {
  return (await keystore.status()).sequence;
}

describe('the page of a key', () => {
  it('is at the fingerprint, with its history', async () => {
    const server = await startServer();
    await server.push(alice.armored);
    const answer = await server.get(`/key/${alice.fingerprint}`, { headers: BROWSER });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none';/);
    expect(await answer.text()).toContain('stored here for the first time');
  });

  it.each([
    ['in lower case', alice.fingerprint.toLowerCase()],
    ['after 0x', `0x${alice.fingerprint}`],
    ['of the subkey', alice.subkey.fingerprint],
  ])('is found by the fingerprint %s', async (_, asked) => {
    const server = await startServer();
    await server.push(alice.armored);
    const answer = await server.get(`/key/${asked}`, { headers: BROWSER, redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([302, `/key/${alice.fingerprint}`]);
  });

  it('says who removed it, not why', async () => {
    const server = await startServer();
    await server.push(alice.armored);
    const { fingerprint } = alice;
    await server.keystore.remove({ fingerprint, time: 0, by: 'operator', reason: 'court order' });
    const answer = await server.get(`/key/${fingerprint}`, { headers: BROWSER });
    expect(answer.status).toBe(404);
    const page = await answer.text();
    expect(page).toContain('The operator of this server removed or blocked it');
    expect(page).not.toContain('court order');
  });

  it.each([
    [404, `/key/${'0'.repeat(40)}`],
    [400, '/key/alice'],
    [400, '/key/%3Cscript%3E'],
    [404, '/key/'],
  ])('answers %i for %s', async (status, path) => {
    const server = await startServer();
    expect((await server.get(path, { headers: BROWSER })).status).toBe(status);
  });
});

describe('pushing by a browser', () => {
  it('shows what would be stored and stores nothing; what it carries is stored when it is sent', async () => {
    const server = await startServer();
    const preview = await server.get('/push/preview', form(alice.armored));
    expect(preview.status).toBe(200);
    expect(preview.headers.get('cache-control')).toBe('no-store');
    const page = await preview.text();
    expect(page).toContain('new here');
    expect(await sequence(server)).toBe(0);
    expect(server.lines.filter(({ message }) => message.startsWith('certificate'))).toEqual([]);

    const stored = await server.get('/push', form(carried(page)));
    expect(stored.status).toBe(200);
    expect(await stored.text()).toContain(`href="/key/${alice.fingerprint}"`);
    expect(Buffer.from((await server.keystore.bytes(alice.fingerprint)) ?? [])).toEqual(
      Buffer.from(alice.bytes),
    );
  });

  it('shows what would be added to what is held', async () => {
    const server = await startServer();
    await server.push(alice.armored);
    const name = userId('Alice at Work <alice@work.example.org>');
    const more = armor(keyring(alice.key.key.packet, name, alice.key.certify(name)));
    const page = await (await server.get('/push/preview', form(more))).text();
    expect(page).toContain('adds to what is here');
    expect(page).toMatch(/alice@work\.example\.org&gt;<\/bdi>\s*<strong class="flag good">new/u);
    expect(await sequence(server)).toBe(1);
  });

  it('shows what a bare revocation would do', async () => {
    const server = await startServer();
    await server.push(alice.armored);
    const revocation = alice.key.revoke({ hashed: [subpackets.reason(2, 'stolen')] });
    const page = await (await server.get('/push/preview', form(armor(keyring(revocation))))).text();
    expect(page).toContain('stolen');
    expect(page).toContain('flag revoked');
    expect(await sequence(server)).toBe(1);
  });

  it('says that nothing is new', async () => {
    const server = await startServer();
    await server.push(alice.armored);
    expect(await (await server.get('/push/preview', form(alice.armored))).text()).toContain('already here');
    expect(await sequence(server)).toBe(1);
  });

  it('refuses in the preview what the push would refuse, a removed key too', async () => {
    const server = await startServer();
    const { fingerprint } = alice;
    await server.keystore.remove({ fingerprint, time: 0, by: 'operator', reason: '' });
    for (const path of ['/push/preview', '/push']) {
      const answer = await server.get(path, form(alice.armored));
      expect(answer.status).toBe(403);
      expect(answer.headers.get('content-type')).toContain('text/html');
    }
    expect((await server.get('/push/preview', form('no key'))).status).toBe(400);
  });

  it('asks for a large upload again instead of carrying it', async () => {
    const server = await startServer();
    const names = Array.from(
      { length: 60 },
      (_, index) => `Alice ${index} ${'x'.repeat(300)} <a${index}@example.org>`,
    );
    const large = makeCertificate(names);
    expect(large.bytes.length).toBeGreaterThan(MAX_CARRIED_OCTETS);
    const page = await (await server.get('/push/preview', form(large.armored))).text();
    expect(page).toContain('too large to be kept in a page');
    expect(Buffer.byteLength(page)).toBeLessThan(50_000);
  });

  it.each([
    ['a page of another site', { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' }],
    ['a page of another host of the domain', { 'Sec-Fetch-Site': 'same-site' }],
    ['another origin, without TLS', { Origin: 'http://evil.example' }],
    ['a page that hides where it is', { Origin: 'null' }],
  ])('refuses a form of %s', async (_, headers) => {
    const server = await startServer();
    for (const path of ['/push/preview', '/push']) {
      expect((await server.get(path, form(alice.armored, headers))).status).toBe(403);
    }
    expect(await sequence(server)).toBe(0);
  });

  it.each([
    ['of this host', {}, (server: TestServer) => server.url],
    ['of the public address', {}, () => 'https://keys.example.org'],
    ['of the same origin, as the browser says', { 'Sec-Fetch-Site': 'same-origin' }, () => 'null'],
  ])('takes a form %s', async (_, headers, origin) => {
    const server = await startServer({ publicUrl: 'https://keys.example.org' });
    const sent = form(alice.armored, { ...headers, Origin: origin(server) });
    expect((await server.get('/push', sent)).status).toBe(200);
  });
});

describe('statistics for a browser', () => {
  it('draw the keys held over time', async () => {
    const server = await startServer();
    await server.push(alice.armored);
    const page = await (await server.get('/pks/stats', { headers: BROWSER })).text();
    expect(page).toMatch(/aria-label="Keys held, from 1 on [\d-]+ to 1 on 2024-01-02\./u);
  });
});
