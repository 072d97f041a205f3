import { createServer, type RequestListener } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { probe, type Probe } from '../../src/http/probe.ts';

const ASKED = {
  method: 'GET',
  timeout: 20_000,
  maxOctets: 100,
  authorities: undefined,
  strict: true,
} as const;

async function serve(listener: RequestListener): Promise<URL> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/path?query`);
}

const ask = (url: URL, more: Partial<Probe> = {}): ReturnType<typeof probe> =>
  probe({ ...ASKED, url, ...more });

describe('probe', () => {
  it('gives an answer as it is: no redirect is followed, and headers sent twice are both there', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(302, ['Location', '/elsewhere', 'X-Twice', 'a', 'X-Twice', 'b']).end('moved');
    });
    const { status, headers, body, tls } = await ask(url);
    expect([status, headers.get('location'), headers.get('x-twice'), body.toString()]).toEqual([
      302,
      '/elsewhere',
      'a, b',
      'moved',
    ]);
    expect(tls).toBeUndefined();
  });

  it('sends what it is told to', async () => {
    const url = await serve((request, response) => {
      request.on('data', (chunk: Buffer) => {
        const { method, url: path, headers } = request;
        response.end(`${method} ${path} ${String(headers['x-mine'])} ${chunk.toString()}`);
      });
    });
    const { body } = await ask(url, { method: 'POST', headers: { 'X-Mine': 'yes' }, body: 'text' });
    expect(body.toString()).toBe('POST /path?query yes text');
  });

  it('hangs up on an answer that is too large, and on one that does not come', async () => {
    const large = await serve((_request, response) => response.end('x'.repeat(101)));
    await expect(ask(large)).rejects.toMatchObject({ code: 'ANSWER_TOO_LARGE' });
    const late = await serve(() => undefined);
    await expect(ask(late, { timeout: 50 })).rejects.toMatchObject({ code: 'ANSWER_LATE' });
  });

  it('says in words that nothing listens, that it is no TLS, and that the connection broke', async () => {
    const plain = await serve((_request, response) => response.end());
    const secure = new URL(plain);
    secure.protocol = 'https:';
    await expect(ask(secure)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringMatching(/TLS/),
    });
    const broken = createTcpServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => broken.listen(0, '127.0.0.1', resolve));
    const { port } = broken.address() as AddressInfo;
    const url = new URL(`http://127.0.0.1:${port}`);
    await expect(ask(url)).rejects.toMatchObject({ code: 'UNREACHABLE' });
    await new Promise((resolve) => broken.close(resolve));
    await expect(ask(url)).rejects.toMatchObject({ message: expect.stringContaining('nothing listens') });
  });
});
