/* Operators' words, on a store in a database, and on the way there and back. */
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { postgresMissing, usePostgres } from '../../keystore/postgres-database.ts';
import type { TestDatabase } from '../../keystore/postgres-database.ts';
import { newCertificates } from '../certificates.ts';
import { inTempFolder, push, serve, vouch } from '../vouch.ts';

let certificates: Buffer[];

beforeAll(async () => {
  certificates = await newCertificates(3);
});

async function must(words: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const { code, stdout, stderr } = await vouch(['keystore', ...words], { env });
  expect(`${code} ${stderr}`).toMatch(/^0 /);
  return stdout.toString('latin1');
}

describe.skipIf(postgresMissing)('vouch keystore, on a database (apt-get install postgresql)', () => {
  const postgres = usePostgres();
  let database: TestDatabase;

  beforeEach(async () => {
    database = await postgres.database();
  });

  afterEach(async () => {
    await database.remove();
  });

  it('loads, tells of, checks, dumps and backs up a store, named by a flag, a variable or the settings', async () => {
    await inTempFolder(async (folder) => {
      const ring = join(folder, 'ring.pgp');
      const config = join(folder, 'server.toml');
      const secret = `${database.url}&password=hunter2`;
      await writeFile(ring, Buffer.concat(certificates));
      await writeFile(config, `store = ${JSON.stringify(secret)}\ndata = ${JSON.stringify(folder)}\n`);
      await must(['load', ring, '--store', database.url, '--data', folder]);
      const status = await must(['status'], { VOUCH_STORE: secret, VOUCH_DATA: folder });
      expect(status).toMatch(/^Store: +postgres:\/\/vouch@\S+\/postgres$/m);
      expect(status).toMatch(/^Certificates: +3$/m);
      expect(status).not.toContain('hunter2');
      expect(await must(['check', '--config', config, '--repair'])).toContain('Nothing is wrong.');
      const dump = await must(['dump', '--config', config]);
      expect(dump.length).toBe(certificates.reduce((sum, { length }) => sum + length, 0));
      const token = JSON.parse(await must(['token', 'add', 'ann', '--json', '--config', config])) as {
        id: string;
      };
      await must(['backup', join(folder, 'b.backup'), '--config', config]);
      const second = await postgres.database();
      await must(['restore', join(folder, 'b.backup'), '--store', second.url]);
      expect(await must(['dump', '--store', second.url])).toBe(dump);
      expect(await must(['token', 'list', '--store', second.url])).toContain(token.id);
      const again = await vouch(['keystore', 'restore', join(folder, 'b.backup'), '--store', second.url]);
      expect(again).toMatchObject({
        code: 78,
        stderr: expect.stringContaining('holds a store already') as string,
      });
      await second.remove();
    });
  });

  it('copies a store that is being served to a database, and back to a folder', async () => {
    await inTempFolder(async (folder) => {
      const data = join(folder, 'data');
      const { url, process: server, ended } = await serve(data);
      for (const certificate of certificates) expect((await push(url, certificate)).status).toBe(200);
      await must(['block', 'F'.repeat(40), '--reason', 'never seen', '--data', data]);
      const told = await must(['copy', '--from', `level:${data}`, '--to', database.url]);
      expect(told).toContain('Copied 3 certificates, 1 tombstone');
      expect(told).toContain('as of change 4');
      expect((await readdir(data)).filter((name) => name.endsWith('.backup'))).toEqual([]);
      server.kill();
      await ended;
      const back = join(folder, 'back');
      const facts = ['copy', '--from', database.url, '--to', `level:${back}`, '--json'];
      const { sha256 } = JSON.parse(await must(facts)) as { sha256: string };
      const third = join(folder, 'third');
      const still = await must(['copy', '--from', `level:${data}`, '--to', `level:${third}`, '--json']);
      expect(JSON.parse(still)).toMatchObject({ sha256, certificates: 3, changes: 4 });
      const dump = await must(['dump', '--data', data]);
      expect(await must(['dump', '--store', database.url])).toBe(dump);
      expect(await must(['dump', '--data', back])).toBe(dump);
      expect(await must(['check', '--data', back])).toContain('Nothing is wrong.');
    });
  });

  it('copies into nothing that holds a store, and from nothing that is none', async () => {
    await inTempFolder(async (folder) => {
      const none = ['keystore', 'copy', '--from', `level:${join(folder, 'none')}`, '--to', database.url];
      expect((await vouch(none)).code).toBe(66);
      // What was begun for it is not in the way.
      await must(['token', 'add', 'ann', '--store', database.url]);
      const full = ['keystore', 'copy', '--from', database.url, '--to', database.url];
      expect((await vouch(full)).code).toBe(78);
      expect((await vouch(['keystore', 'copy', '--from', folder, '--to', database.url])).code).toBe(64);
    });
  });

  it('exits 69 when the database does not answer, 64 for an address that cannot be one', async () => {
    const away = await vouch(['keystore', 'status', '--store', 'postgres://vouch:hunter2@127.0.0.1:1/vouch']);
    expect(away.code).toBe(69);
    expect(away.stderr).toContain('postgres://vouch@127.0.0.1:1/vouch does not answer');
    expect(away.stderr).not.toContain('hunter2');
    const odd = await vouch(['keystore', 'status', '--store', 'postgres://a:hunter2@b/c?sslmode=allow']);
    expect(odd.code).toBe(64);
    expect(odd.stderr).not.toContain('hunter2');
  });
});
