/* hkp.md 5.5, L16 to L25: the form of answers, over the real application. */
import { describe, expect, it } from 'vitest';
import { DAY, makeCertificate, subpackets, keyring } from '../fixtures/test-key.ts';
import { startServer } from './harness.ts';

const alice = makeCertificate(['Alice Example <alice@example.org>']);
const EVIL = ['<script>alert(1)</script>', '" onmouseover="x', 'javascript:alert(1) <evil@example.org>'];
const BROWSER = { Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };

describe('answers', () => {
  it('L16 L17 a certificate shows in the index when it expires, has expired and is revoked', async () => {
    const server = await startServer();
    const dying = makeCertificate(['Dying <dying@example.org>'], {
      self: { hashed: [subpackets.keyExpires(10 * DAY)] },
    });
    await server.push(dying.armored);
    const index = async (): Promise<string> =>
      (await server.get('/pks/lookup?op=index&options=mr&search=dying')).text();
    const expires = 1_704_067_200 + 10 * DAY;
    expect(await index()).toMatch(
      new RegExp(`^info:1:1\npub:${dying.fingerprint}:22:256:1704067200:${expires}:\n`),
    );
    server.clock.seconds = expires;
    expect(await index()).toContain(`:${expires}:e\n`);
    const [primary, ...others] = dying.packets;
    const revocation = dying.key.revoke({ hashed: [subpackets.reason(2)] });
    if (primary === undefined) throw new Error('no primary key');
    await server.hold(keyring(primary, revocation, ...others));
    expect(await index()).toContain(`:${expires}:r\n`);
  });

  it('L18 hostile user IDs go in and come out of the index on their own lines', async () => {
    const server = await startServer();
    const texts = ['evil\npub:0000:1:1:1::', 'pub', 'a:b%0Auid:c', 'e\u202Evil\0'];
    await server.push(makeCertificate(texts).armored);
    const answer = await server.get('/pks/lookup?op=index&options=mr&search=evil');
    const lines = (await answer.text()).split('\n');
    expect(lines.filter((line) => line.startsWith('pub:'))).toHaveLength(1);
    const userIds = lines
      .filter((line) => line.startsWith('uid:'))
      .map((line) => decodeURIComponent(line.split(':')[1] ?? ''));
    expect(userIds.toSorted()).toEqual(texts.toSorted());
  });

  it('L19 armor has no headers, short lines and a line end at its end, with and without mr', async () => {
    const server = await startServer();
    await server.push(makeCertificate(['Comment: evil\nComment: x <x@example.org>']).armored);
    for (const options of ['', '&options=mr', '&options=json']) {
      for (const headers of [{}, BROWSER]) {
        const answer = await server.get(`/pks/lookup?op=get&search=x@example.org${options}`, { headers });
        expect(answer.headers.get('content-type')).toBe('application/pgp-keys');
        const lines = (await answer.text()).split('\n');
        expect(lines.slice(0, 2)).toEqual(['-----BEGIN PGP PUBLIC KEY BLOCK-----', '']);
        expect(lines.slice(-2)).toEqual(['-----END PGP PUBLIC KEY BLOCK-----', '']);
        expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(76);
      }
    }
  });

  it('L20 the file name is the fingerprint', async () => {
    const server = await startServer();
    await server.hold(alice.bytes);
    const named = async (options: string): Promise<string | null> =>
      (await server.get(`/pks/lookup?op=get&search=alice${options}`)).headers.get('content-disposition');
    expect(await named('')).toBe(`attachment; filename="${alice.fingerprint}.asc"`);
    expect(await named('&options=bin')).toBe(`attachment; filename="${alice.fingerprint}.pgp"`);
  });

  it.each([
    '/pks/lookup?op=index&search=alert',
    '/pks/lookup?op=vindex&search=%3Cscript%3Ealert(2)%3C/script%3E',
    '/pks/lookup?op=%22%3E%3Cscript%3Ealert(3)',
    '/%3Cscript%3Ealert(4)%3C/script%3E',
  ])('L21 a page runs nothing that came from outside: %s', async (path) => {
    const server = await startServer();
    await server.push(makeCertificate(EVIL).armored);
    const answer = await server.get(path, { headers: BROWSER });
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none';/);
    expect(answer.headers.get('content-security-policy')).not.toMatch(/unsafe|data:|\*/);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    const page = await answer.text();
    expect(page).toContain('<!doctype html>');
    expect(page).not.toMatch(
      /<script(?! src="\/pages\.js\?v=[0-9a-f]{12}" defer><\/script>)|\son\w+="|href="javascript/i,
    );
  });

  it('L22 text and JSON are not to be taken for HTML', async () => {
    const server = await startServer();
    await server.push(makeCertificate(EVIL).armored);
    for (const more of ['', '&options=mr', '&options=json']) {
      const answer = await server.get(`/pks/lookup?op=index&search=alert${more}`);
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(answer.headers.get('content-type')).toMatch(/^(text\/plain; charset=utf-8|application\/json)$/);
    }
  });

  it.each([
    [undefined, 'application/json'],
    ['*/*', 'application/json'],
    ['application/json', 'application/json'],
    ['text/plain', 'text/plain; charset=utf-8'],
    ['text/*;q=0.1, application/json', 'application/json'],
    [BROWSER.Accept, 'text/html; charset=utf-8'],
    ['image/png', 'application/json'],
  ])('L23 nothing found is 404 in the form the client reads: Accept %s', async (accept, type) => {
    const server = await startServer();
    for (const op of ['get', 'index']) {
      const answer = await server.get(`/pks/lookup?op=${op}&search=nobody&options=x`, {
        headers: accept === undefined ? {} : { Accept: accept },
      });
      expect(answer.status).toBe(404);
      expect(answer.headers.get('content-type')).toBe(type);
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
      expect(answer.headers.get('vary')).toContain('Accept');
      const body =
        type === 'application/json'
          ? /^\{"error":\{"code":404,"message":"[^"]+"\}\}\n$/
          : /no (certificate|key)/i;
      expect(await answer.text()).toMatch(body);
    }
  });

  it('L23 an index with mr that finds nothing is 404 and never an empty list', async () => {
    const server = await startServer();
    const answer = await server.get('/pks/lookup?op=index&options=mr&search=nobody');
    expect(answer.status).toBe(404);
    expect(await answer.text()).not.toContain('info:');
  });

  it('L24 hget gives a certificate by its SKS digest; what is none is 400 or 404', async () => {
    const server = await startServer();
    const { terms } = await server.hold(alice.bytes);
    const digest = terms.find(({ kind }) => kind === 'digest')?.value ?? '';
    for (const search of [digest, digest.toUpperCase(), `0x${digest}`]) {
      expect(await (await server.get(`/pks/lookup?op=hget&search=${search}`)).text()).toBe(alice.armored);
    }
    expect((await server.get(`/pks/lookup?op=hget&search=${'0'.repeat(32)}`)).status).toBe(404);
    for (const search of ['', 'x', '0x12', 'Z'.repeat(32), `${digest}0`]) {
      expect((await server.get(`/pks/lookup?op=hget&search=${search}`)).status).toBe(400);
    }
  });

  it('L25 statistics come as JSON, text and a page', async () => {
    const server = await startServer();
    await server.hold(alice.bytes);
    const values = { software: 'vouch', version: '1.2.3', certificates: 1, changes: 1 };
    for (const path of [
      '/pks/lookup?op=stats&options=json',
      '/pks/lookup?op=stats&options=mr',
      '/pks/stats?options=json',
    ]) {
      expect(await (await server.get(path)).json()).toEqual(values);
    }
    expect(await (await server.get('/pks/lookup?op=stats')).text()).toContain('certificates: 1\n');
    expect(await (await server.get('/pks/stats', { headers: BROWSER })).text()).toContain('<table>');
  });

  it('vindex answers as index does', async () => {
    const server = await startServer();
    await server.hold(alice.bytes);
    const [index, vindex] = await Promise.all(
      ['index', 'vindex'].map(async (op) =>
        (await server.get(`/pks/lookup?op=${op}&options=mr&search=alice`)).text(),
      ),
    );
    expect(vindex).toBe(index);
    expect(index).toMatch(/^info:1:1\n/);
  });

  it('JSON comes for options=json and for Accept', async () => {
    const server = await startServer();
    await server.hold(alice.bytes);
    const byOption = await server.get('/pks/lookup?op=index&search=alice&options=json');
    const byHeader = await server.get('/pks/lookup?op=index&search=alice', {
      headers: { Accept: 'application/json' },
    });
    const [first] = (await byOption.json()) as { fingerprint: string }[];
    expect(first?.fingerprint).toBe(alice.fingerprint.toLowerCase());
    expect(await byHeader.json()).toHaveLength(1);
  });

  it('a stored certificate that cannot be read is left out of an index and told to the log', async () => {
    const server = await startServer();
    const record = await server.hold(alice.bytes);
    const fingerprint = 'F'.repeat(40);
    await server.keystore.update(fingerprint, () => ({
      ...record,
      fingerprint,
      bytes: new Uint8Array([1, 2, 3]),
    }));
    const answer = await server.get('/pks/lookup?op=index&options=mr&search=alice');
    expect(await answer.text()).toMatch(/^info:1:1\n/);
    expect(server.lines.find(({ level }) => level === 'error')?.fields['fingerprint']).toBe(fingerprint);
  });
});
