/* Two servers on one database: what one of them knows, the other knows too. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTokens } from '../../src/access/tokens.ts';
import { loadServerConfig } from '../../src/config/load-server-config.ts';
import type { Keystore } from '../../src/keystore/keystore.ts';
import { openPostgresKeystore } from '../../src/keystore/postgres.ts';
import { serveKeystore } from '../../src/server/serve.ts';
import type { KeystoreServer } from '../../src/server/serve.ts';
import { makeCertificate } from '../fixtures/test-key.ts';
import { clearsign } from '../hkp/clearsign.ts';
import { NOW, recordingLog } from '../hkp/harness.ts';
import type { LogLine } from '../hkp/harness.ts';
import { postgresMissing, usePostgres } from '../keystore/postgres-database.ts';
import type { TestDatabase } from '../keystore/postgres-database.ts';
import { startMailServer, tokenIn } from '../mail/mail-server.ts';

const alice = makeCertificate();
const now = (): number => NOW * 1000;

describe.skipIf(postgresMissing)('two servers on one database (apt-get install postgresql)', () => {
  const postgres = usePostgres();
  let database: TestDatabase;
  let folder: string;
  let lines: LogLine[];
  let servers: KeystoreServer[];
  /** The store past the servers, as an operator has it. */
  let keystore: Keystore;

  beforeEach(async () => {
    database = await postgres.database();
    folder = await mkdtemp(join(tmpdir(), 'vouch-nodes-'));
    lines = [];
    servers = [];
    keystore = await openPostgresKeystore(database.url, { now });
  });

  afterEach(async () => {
    for (const server of servers) await server.stop();
    await keystore.close();
    await database.remove();
    await rm(folder, { recursive: true, force: true });
  });

  async function serve(settings: string): Promise<string> {
    const config = join(folder, 'server.toml');
    await writeFile(config, settings);
    const data = join(folder, `data${servers.length}`);
    const flags = { config, data, store: database.url, listen: '127.0.0.1:0' };
    const server = await serveKeystore(loadServerConfig({ flags, environment: {} }), {
      log: recordingLog(lines),
      now,
      version: '1.2.3',
    });
    servers.push(server);
    return server.url;
  }

  async function both(settings: string): Promise<[string, string]> {
    return [await serve(settings), await serve(settings)];
  }

  const push = async (url: string, token?: string): Promise<number> => {
    const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
    const body = new URLSearchParams({ keytext: alice.armored });
    return (await fetch(`${url}/pks/add`, { method: 'POST', body, headers })).status;
  };

  const get = async (url: string): Promise<Response> =>
    fetch(`${url}/pks/lookup?op=get&search=0x${alice.fingerprint}`);

  it('let in who has a token that was made elsewhere, and nobody from the moment it is revoked', async () => {
    const [one, other] = await both('[access]\nmode = "token"\n');
    const tokens = createTokens(keystore, { now, random: randomBytes });
    const rules = { fingerprints: [], emails: [], domains: [] };
    const { text, record } = await tokens.add({ name: 'ci', role: 'push', rules });
    expect(await Promise.all([push(one, text), push(other, text)])).toEqual([200, 200]);
    await tokens.revoke(record.id);
    expect(await Promise.all([push(one, text), push(other, text)])).toEqual([401, 401]);
    expect(await push(other)).toBe(401);
  });

  it('take the text that an owner signs for one of them at the other, and once', async () => {
    const [one, other] = await both('public_url = "https://keys.example.org"\n');
    expect(await push(one)).toBe(200);
    const address = `/vouch/v1/removal/${alice.fingerprint}`;
    const text = (await (await fetch(one + address)).text()).trimEnd();
    const send = async (url: string): Promise<number> => {
      const headers = { 'Content-Type': 'text/plain' };
      const body = clearsign(text, alice.key);
      return (await fetch(url + address, { method: 'POST', body, headers })).status;
    };
    expect(await send(other)).toBe(200);
    expect((await get(one)).status).toBe(404);
    expect(await push(one)).toBe(403);
    await keystore.unblock(alice.fingerprint);
    expect(await push(one)).toBe(200);
    expect(await send(one)).toBe(400);
    expect((await get(other)).status).toBe(200);
  });

  it('prove at one of them an address of a key that was pushed at the other', async () => {
    const mail = await startMailServer();
    const [one, other] = await both(
      [
        'public_url = "https://keys.example.org"',
        '[mail]',
        `server = "smtp://127.0.0.1:${mail.settings.port}"`,
        'from = "keys@keys.example.org"',
        'proof = "required"',
      ].join('\n'),
    );
    expect(await push(one)).toBe(403);
    while (mail.mails.length === 0) await delay(5);
    const [received] = mail.mails;
    if (received === undefined) throw new Error('no mail came');
    const body = new URLSearchParams({ token: tokenIn(received), fingerprint: alice.fingerprint });
    expect((await fetch(`${other}/prove`, { method: 'POST', body })).status).toBe(200);
    expect((await get(one)).status).toBe(200);
    expect((await fetch(`${one}/prove`, { method: 'POST', body })).status).not.toBe(200);
    // The mail of the other would have been a second one within the least time between two.
    expect(await push(other)).toBe(200);
    expect(mail.mails).toHaveLength(1);
  });

  it('tell one log of changes, and the history of a key on every page', async () => {
    const [one, other] = await both('');
    const log = async (url: string): Promise<unknown> => (await fetch(`${url}/vouch/v1/changes`)).json();
    const page = async (url: string): Promise<string> =>
      (await fetch(`${url}/key/${alice.fingerprint}`, { headers: { Accept: 'text/html' } })).text();
    await push(one);
    await page(one);
    const { fingerprint } = alice;
    await keystore.remove({ fingerprint, time: now(), by: 'operator', reason: '' });
    await keystore.unblock(fingerprint);
    await push(other);
    expect(await log(one)).toMatchObject({ sequence: 4, changes: [{}, {}, {}, {}] });
    expect(await log(one)).toEqual(await log(other));
    expect(await page(one)).toBe(await page(other));
  });

  it('go on telling metrics while the database is away, and that it is', async () => {
    await serve('metrics_listen = "127.0.0.1:0"\n');
    const metrics = async (): Promise<string> => (await fetch(servers[0]?.metricsUrl ?? '')).text();
    expect(await metrics()).toMatch(/^vouch_keystore_ready 1$/m);
    await postgres.server.stop('immediate');
    const text = await metrics();
    await postgres.server.start();
    expect(text).toMatch(/^vouch_keystore_ready 0$/m);
    expect(text).toMatch(/^process_cpu_seconds_total /m);
    expect(text).not.toMatch(/^vouch_keystore_certificates /m);
    expect(await metrics()).toMatch(/^vouch_keystore_certificates 0$/m);
  });

  it('name the database without its password, wherever they name it', async () => {
    const secret = 'hunter2';
    const named = new URL(database.url);
    named.searchParams.set('password', secret);
    const address = { ...database, url: named.href };
    database = address;
    await serve('');
    expect(servers[0]?.store).toMatch(/^postgres:\/\/vouch@/);
    expect(JSON.stringify([lines, servers[0]])).not.toContain(secret);
  });
});
