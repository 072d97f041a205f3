import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadServerConfig } from '../../src/config/load-server-config.ts';
import type { ServerConfig } from '../../src/config/server-config.ts';
import { loadTls } from '../../src/server/tls-files.ts';
import { serveKeystore } from '../../src/server/serve.ts';
import type { ServeParts } from '../../src/server/serve.ts';
import { recordingLog } from '../hkp/harness.ts';
import type { LogLine } from '../hkp/harness.ts';

const run = promisify(execFile);
const openssl = spawnSync('openssl', ['version'], { stdio: 'ignore' }).error === undefined;

let folder: string;
let lines: LogLine[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vouch-tls-'));
  lines = [];
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function certify(name: string): Promise<void> {
  const words =
    'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -keyout key.pem -out cert.pem';
  await run('openssl', [...words.split(' '), '-subj', `/CN=${name}`], { cwd: folder });
}

const settings = (): ServerConfig => ({
  ...loadServerConfig({ flags: { listen: '127.0.0.1:0', data: join(folder, 'data') }, environment: {} }),
  tls: { certificate: join(folder, 'cert.pem'), key: join(folder, 'key.pem') },
});

const parts = (): ServeParts => ({
  log: recordingLog(lines),
  now: Date.now,
  version: '1.2.3',
  loadConfig: settings,
});

function handshake(url: string): Promise<TLSSocket> {
  const { hostname: host, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port), rejectUnauthorized: false }, () => resolve(socket));
    socket.on('error', reject);
  });
}

async function nameOf(url: string): Promise<unknown> {
  const socket = await handshake(url);
  const { CN } = socket.getPeerCertificate().subject;
  socket.destroy();
  return CN;
}

/** One request on a connection that is open. */
function askOn(socket: TLSSocket): Promise<string> {
  return new Promise((resolve) => {
    socket.once('data', (octets) => resolve(octets.toString('latin1').split('\r\n')[0] ?? ''));
    socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
  });
}

describe.skipIf(!openssl)('TLS (needs openssl)', () => {
  it('answers over TLS, and says so in its address', async () => {
    await certify('one');
    const server = await serveKeystore(settings(), parts());
    expect(server.url).toMatch(/^https:/);
    const status = await new Promise((resolve, reject) => {
      const asked = request(`${server.url}/healthz`, { rejectUnauthorized: false }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      asked.on('error', reject).end();
    });
    expect(status).toBe(200);
    await server.stop();
  });

  it('takes new files without a reload, and leaves open connections alone', async () => {
    await certify('one');
    const server = await serveKeystore(settings(), parts());
    const open = await handshake(server.url);
    expect(await askOn(open)).toContain('200');
    await certify('two');
    await expect.poll(() => nameOf(server.url), { timeout: 30_000, interval: 500 }).toBe('two');
    expect(await askOn(open)).toContain('200');
    open.destroy();
    await server.stop();
  });

  it('keeps the old ones while the new do not fit together, and refuses a reload then', async () => {
    await certify('one');
    const server = await serveKeystore(settings(), parts());
    await writeFile(join(folder, 'key.pem'), 'not a key');
    await expect(server.reload()).rejects.toMatchObject({ code: 'BAD_FILE' });
    expect(await nameOf(server.url)).toBe('one');
    await certify('three');
    await server.reload();
    expect(await nameOf(server.url)).toBe('three');
    await server.stop();
  });

  it('does not start with files that are missing or do not fit', async () => {
    await expect(serveKeystore(settings(), parts())).rejects.toMatchObject({ code: 'BAD_FILE' });
    await certify('one');
    await writeFile(join(folder, 'cert.pem'), 'nothing');
    await expect(
      loadTls({ certificate: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }),
    ).rejects.toMatchObject({ code: 'BAD_FILE' });
  });
});
