/* Runs the commands of docs/operating-keystore.md as they stand there, but for the port. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { armor } from '../../src/openpgp/armor.ts';
import { newCertificates } from '../cli/certificates.ts';
import { vouch } from '../cli/vouch.ts';

const DOCUMENT = new URL('../../docs/operating-keystore.md', import.meta.url);
const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

const missing = ['bash', 'openssl', 'curl'].filter(
  (name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).error !== undefined,
);

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function commands(): Promise<string[]> {
  const text = await readFile(DOCUMENT, 'utf8');
  const section = text.slice(text.indexOf('## Ten commands'), text.indexOf("## Operators' words"));
  return [...section.matchAll(/```sh\n([\s\S]*?)\n```/g)].map(([, block = '']) => block);
}

describe('docs/operating-keystore.md', () => {
  it('has ten commands', async () => {
    expect(await commands()).toHaveLength(10);
  });

  it.skipIf(missing.length > 0)(
    `leads to a keystore with TLS, tokens and backups (needs bash, openssl and curl${missing.length > 0 ? `; not here: ${missing.join(', ')}` : ''})`,
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'vouch-operating-'));
      try {
        const [certificate] = await newCertificates(1);
        if (certificate === undefined) throw new Error('one certificate wanted');
        await writeFile(join(folder, 'ann.asc'), armor(certificate));
        await writeFile(join(folder, 'vouch'), `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`);
        await chmod(join(folder, 'vouch'), 0o755);
        const port = String(await freePort());
        const script = ['set -e', "trap 'kill %1; wait' EXIT", ...(await commands())]
          .join('\n')
          .replaceAll('8443', port);
        const child = spawn('bash', ['-c', script], {
          cwd: folder,
          env: { PATH: `${folder}:${process.env['PATH'] ?? ''}` },
        });
        let out = '';
        child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
        child.stderr.on('data', (chunk: Buffer) => (out += chunk.toString()));
        const [code] = (await once(child, 'close')) as [number | null];
        const log = await readFile(join(folder, 'server.log'), 'utf8');
        expect({ code, out, log }).toMatchObject({ code: 0 });
        expect(out).toContain('Certificates: 1');
        expect(out).toContain('Restored 1 certificate');
        expect(out).toContain('Nothing is wrong');
        expect(await readdir(join(folder, 'backups'))).toHaveLength(1);
        const token = (await readFile(join(folder, 'ann.token'), 'utf8')).trim();
        expect(log).not.toContain(token.split('_').at(-1));
        const dumps = await Promise.all(
          ['data', 'restored'].map((data) => vouch(['keystore', 'dump', '--data', join(folder, data)])),
        );
        expect(dumps[0]?.stdout.length).toBeGreaterThan(0);
        expect(dumps[1]?.stdout.equals(dumps[0]?.stdout ?? Buffer.alloc(0))).toBe(true);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  );
});
