/* The connection to the database over TLS, with certificates of an authority of one's own. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startPostgres } from '../../scripts/postgres/postgres-server.mjs';
import type { PostgresServer } from '../../scripts/postgres/postgres-server.mjs';
import { openPostgresKeystore } from '../../src/keystore/postgres.ts';
import { postgresMissing, programs } from './postgres-database.ts';
import { Clock, fingerprint, put, record } from './sample.ts';

const clock = new Clock();
const opensslMissing = spawnSync('openssl', ['version']).status !== 0;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A certificate for a name, and the authority that made it; PEM files in a folder. */
async function certify(folder: string, name: string): Promise<{ certificate: string; key: string }> {
  const openssl = (...words: string[]): void =>
    void execFileSync('openssl', words, { cwd: folder, stdio: 'ignore' });
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl('req', '-x509', ...curve, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=authority');
  openssl('req', ...curve, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=database');
  await writeFile(join(folder, 'names'), `subjectAltName = ${name}\n`);
  const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'names'];
  openssl('x509', '-req', '-in', 'server.csr', '-out', 'server.pem', ...by);
  return {
    certificate: await readFile(join(folder, 'server.pem'), 'utf8'),
    key: await readFile(join(folder, 'server.key'), 'utf8'),
  };
}

describe.skipIf(postgresMissing || opensslMissing)(
  'a database over TLS (apt-get install postgresql openssl)',
  () => {
    let folder: string;
    let port: number;
    let server: PostgresServer;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'vouch-tls-'));
      port = await freePort();
      const tls = await certify(folder, 'DNS:localhost');
      server = await startPostgres(programs ?? '', { port, tls });
    });

    afterAll(async () => {
      await server.remove();
      await rm(folder, { recursive: true });
    });

    const address = (host: string, query: string): string =>
      `postgres://vouch@${host}:${port}/postgres?${query}`;
    const authority = (): string => `sslrootcert=${encodeURIComponent(join(folder, 'ca.pem'))}`;

    /** Whether the connections of a store are encrypted. */
    async function encrypted(): Promise<unknown> {
      const admin = new Pool({ connectionString: server.url, max: 1 });
      const { rows } = await admin.query<{ ssl: boolean }>(
        "SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'vouch'",
      );
      await admin.end();
      return rows.map(({ ssl }) => ssl);
    }

    it.each([
      ['verify-full, with the authority that made its certificate', 'localhost', 'verify-full', true],
      ['no-verify, whoever made it', '127.0.0.1', 'no-verify', true],
      ['disable, in plain', '127.0.0.1', 'disable', false],
    ] as const)('is used by %s', async (_, host, mode, tls) => {
      const query = mode === 'verify-full' ? `sslmode=${mode}&${authority()}` : `sslmode=${mode}`;
      const store = await openPostgresKeystore(address(host, query), clock);
      await put(store, record(fingerprint(1), mode));
      expect(await encrypted()).toEqual([tls]);
      await store.close();
    });

    it.each([
      ['an authority that is not known', () => address('localhost', 'sslmode=verify-full'), /certificate/],
      [
        'a certificate for another name',
        () => address('127.0.0.1', `sslmode=verify-full&${authority()}`),
        /does not match certificate/,
      ],
      ['no other word than its authority', () => address('127.0.0.1', authority()), /does not match/],
    ])('is not used with %s', async (_, url, message) => {
      await expect(openPostgresKeystore(url(), clock)).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        message: expect.stringMatching(message) as string,
      });
    });

    it('is not used in plain where TLS is wanted and the database has none', async () => {
      const plainPort = await freePort();
      const plain = await startPostgres(programs ?? '', { port: plainPort });
      const url = `postgres://vouch@localhost:${plainPort}/postgres?sslmode=verify-full`;
      await expect(openPostgresKeystore(url, clock)).rejects.toMatchObject({
        message: expect.stringContaining('does not support SSL') as string,
      });
      await plain.remove();
    });
  },
);
