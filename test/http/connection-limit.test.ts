import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { connect as connectPlain, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import {
  hardenedServer,
  hardenedTlsServer,
  type Application,
  type TlsMaterial,
} from '../../src/http/hardened-server.ts';
import { DEFAULT_LISTEN_LIMITS } from '../../src/http/limits.ts';

const openssl = spawnSync('openssl', ['version'], { stdio: 'ignore' }).error === undefined;

const LIMITS = { ...DEFAULT_LISTEN_LIMITS, connections: 2 };
const ASK = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n';

let material: TlsMaterial;

interface Holding {
  readonly server: Server;
  /** The oldest request that came and was not asked for yet; it is under way until its answer is ended. */
  readonly underWay: () => Promise<ServerResponse>;
}

function holding(serve: (app: Application) => Server): Holding {
  const came: ServerResponse[] = [];
  const server = serve({
    callback: () => (_: IncomingMessage, response: ServerResponse) => void came.push(response),
  });
  onTestFinished(() => server.closeAllConnections());
  onTestFinished(() => void server.close());
  return {
    server,
    underWay: async () => {
      while (came.length === 0) await once(server, 'request');
      const [first] = came.splice(0, 1);
      if (first === undefined) throw new Error('one came');
      return first;
    },
  };
}

async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Also when it was reset. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.on('close', () => resolve()));
}

beforeAll(async () => {
  if (!openssl) return;
  const folder = await mkdtemp(join(tmpdir(), 'vouch-tls-'));
  const words =
    'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -keyout key.pem -out cert.pem -subj /CN=a';
  await promisify(execFile)('openssl', words.split(' '), { cwd: folder });
  material = {
    cert: await readFile(join(folder, 'cert.pem')),
    key: await readFile(join(folder, 'key.pem')),
  };
  await rm(folder, { recursive: true });
});

const WAYS = [
  {
    name: 'HTTP',
    here: true,
    serve: (app: Application): Server => hardenedServer(app, LIMITS),
    call: (port: number): [Socket, string] => [connectPlain(port, '127.0.0.1'), 'connect'],
  },
  {
    name: 'HTTPS (needs openssl)',
    here: openssl,
    serve: (app: Application): Server => hardenedTlsServer(app, LIMITS, material),
    call: (port: number): [Socket, string] => [
      connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }),
      'secureConnect',
    ],
  },
];

describe.each(WAYS)('connections over $name', ({ here, serve, call }) => {
  async function open(port: number): Promise<Socket> {
    const [socket, event] = call(port);
    socket.on('error', () => undefined);
    onTestFinished(() => void socket.destroy());
    await once(socket, event);
    return socket;
  }

  it.skipIf(!here)('H11 make room when they are idle, never while a request is under way', async () => {
    const { server, underWay } = holding(serve);
    const port = await portOf(server);
    const [busy, idle] = [await open(port), await open(port)];
    busy.write(ASK);
    const held = await underWay();
    const gone = closed(idle);
    const third = await open(port);
    await gone;
    third.write(ASK);
    await underWay();
    expect(busy.destroyed).toBe(false);
    const answered = once(busy, 'data');
    held.end('done');
    const [octets] = await answered;
    expect(String(octets)).toMatch(/^HTTP\/1.1 200/);
    // Now it is the one that is idle.
    const over = closed(busy);
    await open(port);
    await over;
    expect(third.destroyed).toBe(false);
  });

  it.skipIf(!here)(
    'are not idle before the last of the requests that they sent together is answered',
    async () => {
      const { server, underWay } = holding(serve);
      const port = await portOf(server);
      const busy = await open(port);
      busy.resume();
      busy.resume();
      busy.write(ASK.repeat(3));
      const held = [await underWay(), await underWay(), await underWay()];
      for (const answer of held.slice(0, 2)) {
        answer.end('done');
        await once(answer, 'close');
      }
      const idle = await open(port);
      const gone = closed(idle);
      const third = await open(port);
      await gone;
      expect(busy.destroyed).toBe(false);
      const over = closed(busy);
      held[2]?.end('done');
      await once(held[2] ?? server, 'close');
      third.write(ASK);
      await underWay();
      await open(port);
      await over;
      expect(third.destroyed).toBe(false);
    },
  );
});
