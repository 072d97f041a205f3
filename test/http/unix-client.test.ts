import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { createServer as createSocketServer } from 'node:net';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askUnix } from '../../src/http/unix-client.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vouch-unix-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const asked = (path: string, more: Partial<Parameters<typeof askUnix>[0]> = {}) =>
  ({ socketPath: path, method: 'GET', path: '/a?b=c', timeout: 30_000, maxOctets: 1000, ...more }) as const;

async function withServer<T>(listener: RequestListener, use: (path: string) => Promise<T>): Promise<T> {
  const path = join(folder, 's');
  const server = createServer(listener).listen(path);
  await once(server, 'listening');
  try {
    return await use(path);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe('a request over a Unix socket', () => {
  it('carries method, path, query and JSON, and gives status and body', async () => {
    await withServer(
      (request, response) => {
        const chunks: Buffer[] = [];
        request.on('data', (chunk: Buffer) => chunks.push(chunk));
        request.on('end', () => {
          response.statusCode = 418;
          const { method, url, headers } = request;
          response.end(
            JSON.stringify([method, url, headers['content-type'], Buffer.concat(chunks).toString()]),
          );
        });
      },
      async (path) => {
        const { status, body } = await askUnix(asked(path, { method: 'POST', body: '"ä"' }));
        expect(status).toBe(418);
        expect(JSON.parse(body.toString())).toEqual(['POST', '/a?b=c', 'application/json', '"ä"']);
      },
    );
  });

  it('says when there is no socket, and when nobody listens behind it', async () => {
    await expect(askUnix(asked(join(folder, 'none')))).rejects.toMatchObject({
      code: 'UNREACHABLE',
      cause: { code: 'ENOENT' },
    });
    const path = join(folder, 'file');
    const server = createSocketServer((socket) => socket.destroy()).listen(path);
    await once(server, 'listening');
    await expect(askUnix(asked(path))).rejects.toMatchObject({ code: 'UNREACHABLE' });
    server.close();
  });

  it('does not read more than the answer may have', async () => {
    await withServer(
      (_, response) => response.end('x'.repeat(1001)),
      (path) => expect(askUnix(asked(path))).rejects.toMatchObject({ code: 'ANSWER_TOO_LARGE' }),
    );
    await withServer(
      (_, response) => response.end('x'.repeat(1000)),
      (path) => expect(askUnix(asked(path))).resolves.toMatchObject({ status: 200 }),
    );
  });

  it('gives up when no answer comes, and when it begins and does not end', async () => {
    await withServer(
      () => undefined,
      (path) => expect(askUnix(asked(path, { timeout: 30 }))).rejects.toMatchObject({ code: 'ANSWER_LATE' }),
    );
    await withServer(
      (_, response) => void response.write('a'),
      (path) => expect(askUnix(asked(path, { timeout: 300 }))).rejects.toMatchObject({ code: 'ANSWER_LATE' }),
    );
  });

  it('says when the connection breaks in the middle of an answer', async () => {
    await withServer(
      (_, response) => {
        response.writeHead(200, { 'Content-Length': 10 });
        response.write('a', () => response.destroy());
      },
      (path) => expect(askUnix(asked(path))).rejects.toMatchObject({ code: 'UNREACHABLE' }),
    );
  });
});
