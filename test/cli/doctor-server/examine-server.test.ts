import { describe, expect, it } from 'vitest';
import { makeCertificate } from '../../fixtures/test-key.ts';
import { checkAddress } from '../../../src/cli/doctor-server/connection.ts';
import { Examination, type ExaminationParts } from '../../../src/cli/doctor-server/examination.ts';
import { faultsOf, findingsOf, onPath, startFront } from './front.ts';

const alice = makeCertificate(['Alice <alice@localhost>']).bytes;

const PARTS: ExaminationParts = {
  base: new URL('https://keys.example.org'),
  token: undefined,
  search: undefined,
  now: () => 0,
  userAgent: 'vouch/test',
  authorities: undefined,
};

describe('examineServer', () => {
  it('finds nothing wrong but the port with a keystore behind a good proxy', async () => {
    const front = await startFront();
    await front.server.hold(alice);
    const report = await front.examine({ search: 'alice', token: front.token });
    expect(report.reached).toBe(true);
    // There is no library, which is said.
    expect(faultsOf(report)).toEqual(['note SERVICE']);
    expect(findingsOf(report, 'ADDRESS')).toMatchObject([
      { severity: 'error', fix: expect.stringContaining('443') },
    ]);
    const good = new Set(report.findings.filter(({ severity }) => severity === 'ok').map(({ code }) => code));
    for (const code of [
      'TLS',
      'DISCOVERY',
      'LOGIN',
      'TOKEN_STATUS',
      'TOKEN_PAGE',
      'INDEX',
      'GET',
      'NO_MATCH',
      'PUSH',
      'METHODS',
      'CORS',
      'TIME',
    ] as const) {
      expect(good).toContain(code);
    }
    expect(front.authorizations).toContain(`Bearer ${front.token}`);
  });

  it('leaves nothing behind in the store', async () => {
    const front = await startFront({ mode: 'open' });
    await front.examine();
    expect(await front.server.keystore.status()).toMatchObject({ certificates: 0, sequence: 0 });
  });

  it('says when nobody answers, and asks no more', async () => {
    const front = await startFront();
    const report = await front.examine({ base: new URL('http://127.0.0.1:9') });
    expect(report.reached).toBe(false);
    expect(findingsOf(report, 'UNREACHABLE')).toMatchObject([{ severity: 'error', fix: expect.any(String) }]);
    expect(front.authorizations).toEqual([]);
  });

  it.each([
    ['https://keys.example.org/', ['ok']],
    ['http://keys.example.org/', ['error']],
    ['http://127.0.0.1/', ['warning']],
    ['https://keys.example.org:8443/', ['error']],
    ['https://keys.example.org/keys', ['ok', 'warning']],
  ])('says of the address %s: %s', (address, severities) => {
    const examination = new Examination({ ...PARTS, base: new URL(address) });
    checkAddress(examination);
    expect(examination.findings.map(({ severity }) => severity)).toEqual(severities);
  });
});

describe('examineServer, TLS', () => {
  it.each([
    ['has expired', { certificate: { to: 1_600_000_000 } }, /CERT_HAS_EXPIRED/],
    ['is for another name', { certificate: { names: ['other.example.org'] } }, /other\.example\.org/],
    ['is its own authority', { selfSigned: true }, /DEPTH_ZERO_SELF_SIGNED_CERT/],
  ])('a certificate that %s is an error, and no token is sent', async (_what, options, says) => {
    const front = await startFront(options);
    const report = await front.examine({ token: front.token });
    expect(findingsOf(report, 'TLS')).toMatchObject([
      { severity: 'error', text: expect.stringMatching(says) },
    ]);
    expect(findingsOf(report, 'TOKEN_NOT_SENT')).toHaveLength(1);
    expect(front.authorizations.join(' ')).not.toContain(front.token);
    // Everything else is looked at all the same.
    expect(findingsOf(report, 'DISCOVERY')).toMatchObject([{ severity: 'ok' }]);
  });

  it('an authority that this host does not know is an error', async () => {
    const front = await startFront();
    const report = await front.examine({ authorities: undefined });
    expect(findingsOf(report, 'TLS')).toMatchObject([{ severity: 'error' }]);
  });

  it('a certificate that ends soon is a warning', async () => {
    const front = await startFront();
    const report = await front.examine({ now: () => Date.parse('2030-03-30T00:00:00Z') });
    expect(findingsOf(report, 'TLS')).toMatchObject([
      { severity: 'warning', text: expect.stringContaining('2 days') },
    ]);
  });
});

describe('examineServer, discovery', () => {
  const PATH = '/assets/config/config.prod.json';
  const list = (document: unknown) => onPath(PATH, (response) => response.end(JSON.stringify(document)));

  it.each([
    ['a member that is text', { keystoreAPI: { uri: 'https://h' }, version: '1' }],
    ['an array', []],
    ['a list as a member', { keystoreAPI: [] }],
  ])('%s makes the document unreadable', async (_what, document) => {
    const front = await startFront();
    front.meddle = list(document);
    expect(findingsOf(await front.examine(), 'DISCOVERY')).toMatchObject([
      { severity: 'error', text: expect.stringContaining('not a JSON object of objects') },
    ]);
  });

  it('names the status of a document that is not there', async () => {
    const front = await startFront();
    front.meddle = onPath(PATH, (response) => response.writeHead(404).end('gone'));
    const [finding] = findingsOf(await front.examine(), 'DISCOVERY');
    expect(finding).toMatchObject({ severity: 'error', text: expect.stringContaining('404') });
  });

  it('an address with a slash at its end, one without TLS and one that is none are errors', async () => {
    const front = await startFront();
    // 0.0.0.0 reaches this machine, and counts as another.
    front.meddle = list({
      keystoreAPI: { uri: `${front.url.origin}/` },
      tokenAPI: { uri: 'http://0.0.0.0:9' },
      builderAPI: { uri: 'builder' },
    });
    const texts = findingsOf(await front.examine(), 'SERVICE')
      .filter(({ severity }) => severity === 'error')
      .map(({ text }) => text);
    expect(texts).toEqual([
      expect.stringContaining('ends in a slash'),
      expect.stringContaining('without TLS'),
      expect.stringContaining('0.0.0.0:9'),
      expect.stringContaining('no address'),
    ]);
  });

  it('says which commands a missing service breaks', async () => {
    const front = await startFront();
    front.meddle = list({ keyserverAPI: { uri: front.url.origin } });
    const findings = findingsOf(await front.examine(), 'DISCOVERY');
    expect(findings.map(({ severity }) => severity)).toEqual(['error', 'warning']);
    expect(findings.map(({ text }) => text).join()).toMatch(/remote login.*remote status/);
  });

  it('does not send a token to a token service whose certificate is not good', async () => {
    const front = await startFront();
    const bad = await startFront({ certificate: { to: 1_600_000_000 } });
    front.meddle = list({ keystoreAPI: { uri: front.url.origin }, tokenAPI: { uri: bad.url.origin } });
    const report = await front.examine({
      token: front.token,
      authorities: `${front.authority}${bad.authority}`,
    });
    expect(bad.authorizations.join(' ')).toMatch(/^[^]*not-good$/);
    expect(bad.authorizations.join(' ')).not.toContain(front.token);
    expect(findingsOf(report, 'TLS')).toContainEqual(expect.objectContaining({ severity: 'error' }));
    expect(findingsOf(report, 'TOKEN_STATUS').at(-1)).toMatchObject({ severity: 'error' });
  });

  it('does not send a token to a token service without TLS', async () => {
    const front = await startFront();
    front.meddle = list({ keystoreAPI: { uri: front.url.origin }, tokenAPI: { uri: 'http://0.0.0.0:9' } });
    const report = await front.examine({ token: front.token });
    expect(findingsOf(report, 'TOKEN_STATUS')).toMatchObject([{ severity: 'error' }]);
    const examination = new Examination({ ...PARTS, token: front.token });
    expect(examination.tokenFor(new URL('http://0.0.0.0:9'))).toBeUndefined();
    expect(findingsOf({ reached: true, findings: examination.findings }, 'TOKEN_NOT_SENT')).toHaveLength(1);
    expect(examination.tokenFor(new URL('https://keys.example.org'))).toBe(front.token);
  });
});

describe('examineServer, answers', () => {
  it.each([
    ['a redirect', 'REDIRECT', '/pks/add', 302, {}],
    ['a push that seems to work', 'PUSH', '/pks/add', 200, {}],
    ['a proxy that does not reach the keystore', 'PUSH', '/pks/add', 502, {}],
    ['a page in place of "no such key"', 'NO_MATCH', '/pks/lookup', 200, {}],
  ] as const)('%s is an error', async (_what, code, path, status, headers) => {
    const front = await startFront();
    front.meddle = onPath(path, (response) => response.writeHead(status, headers).end('<html>'));
    expect(findingsOf(await front.examine(), code).map(({ severity }) => severity)).toContain('error');
  });

  it('an error page of the proxy is a warning: clients print the number alone', async () => {
    const front = await startFront();
    front.meddle = onPath('/pks/add', (response) => response.writeHead(413).end('<html>Too large</html>'));
    expect(findingsOf(await front.examine(), 'PUSH')).toMatchObject([{ severity: 'warning' }]);
  });

  it('a header for web pages that is set twice is a warning', async () => {
    const front = await startFront();
    front.meddle = onPath('/pks/lookup', (response) =>
      response
        .writeHead(404, ['Access-Control-Allow-Origin', '*', 'Access-Control-Allow-Origin', '*'])
        .end('{"error":{"message":"no"}}'),
    );
    const findings = findingsOf(await front.examine(), 'CORS');
    expect(findings).toContainEqual(
      expect.objectContaining({ severity: 'warning', text: expect.stringContaining('"*, *"') }),
    );
  });

  it('a proxy that takes Authorization away is seen', async () => {
    const front = await startFront();
    front.meddle = (incoming) => {
      delete incoming.headers.authorization;
      return false;
    };
    const report = await front.examine({ token: front.token });
    expect(findingsOf(report, 'LOGIN')).toContainEqual(expect.objectContaining({ severity: 'warning' }));
    expect(findingsOf(report, 'TOKEN_STATUS')).toContainEqual(expect.objectContaining({ severity: 'error' }));
  });

  it('a token service that takes everything is an error, one that says 401 a warning', async () => {
    const front = await startFront();
    for (const [status, severity] of [
      [200, 'error'],
      [401, 'warning'],
    ] as const) {
      front.meddle = onPath('/token/v1/token-status', (response) => response.writeHead(status).end());
      expect(findingsOf(await front.examine(), 'TOKEN_STATUS')).toMatchObject([{ severity }]);
    }
  });

  it('a token that the server does not know is an error', async () => {
    const front = await startFront();
    const report = await front.examine({ token: 'vouch_0000000000000000_' + '0'.repeat(64) });
    expect(findingsOf(report, 'TOKEN_STATUS').at(-1)).toMatchObject({ severity: 'error' });
    expect(findingsOf(report, 'LOGIN').at(-1)).toMatchObject({ severity: 'error' });
  });

  it('a server that takes too long is an error', async () => {
    const front = await startFront();
    let clock = 0;
    const report = await front.examine({ now: () => (clock += 6000) });
    expect(findingsOf(report, 'TIME')).toMatchObject([{ severity: 'error' }]);
  });

  it('an index that older clients fall over is told line by line', async () => {
    const front = await startFront();
    front.meddle = ({ url = '' }, response) => {
      if (!url.includes('op=index')) return false;
      response.end('info:1:2\r\npub:ABCD:22::1:\r\n');
      return true;
    };
    const texts = findingsOf(await front.examine(), 'INDEX')
      .map(({ text }) => text)
      .join('\n');
    expect(texts).toMatch(/CR LF[^]*announces 2[^]*7 fields[^]*full fingerprint[^]*length is not a number/);
  });
});
