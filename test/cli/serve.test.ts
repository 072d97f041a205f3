import { connect } from 'node:net';
import { once } from 'node:events';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newCertificates } from './certificates.ts';
import { inTempFolder, push, serve, start, vouch } from './vouch.ts';

describe('vouch serve', () => {
  it('says where it listens and what to try, keeps what is pushed, and stops with exit 0', async () => {
    await inTempFolder(async (folder) => {
      const [certificate = Buffer.of()] = await newCertificates(1);
      const first = await serve(folder);
      const greeting = (await first.seen(/curl '(\S+)'/)).input;
      expect(greeting).toContain(`Store: ${join(folder, 'keystore')} (0 certificates)`);
      expect(greeting).toContain(`gpg --keyserver ${first.url.replace('http', 'hkp')} --send-keys`);
      expect(greeting).toContain(`singularity key push --url ${first.url} `);
      expect((await push(first.url, certificate)).status).toBe(200);
      first.process.kill('SIGTERM');
      const { code, stderr } = await first.ended;
      expect(code).toBe(0);
      const lines = stderr
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      expect(lines.map(({ msg }) => msg)).toEqual([
        'listening',
        'certificate accepted',
        'request',
        'stopping',
        'stopped',
      ]);
      expect(stderr).not.toContain('signer0');

      const second = await serve(folder);
      expect((await second.seen(/\((.*) certificates?\)/))[1]).toBe('1');
      const found = await fetch(`${second.url}/pks/lookup?op=get&search=signer0@example.org`);
      expect(found.status).toBe(200);
      second.process.kill('SIGINT');
      expect((await second.ended).code).toBe(0);
    });
  });

  it('makes its folders for their owner only', async () => {
    await inTempFolder(async (folder) => {
      const data = join(folder, 'new', 'data');
      const server = await serve(data);
      expect((await stat(join(data, 'keystore'))).mode & 0o077).toBe(0);
      server.process.kill('SIGTERM');
      await server.ended;
    });
  });

  it('makes files for their owner only, also in a folder that others can enter', async () => {
    await inTempFolder(async (folder) => {
      const store = join(folder, 'keystore');
      await mkdir(store, { mode: 0o755 });
      const server = await serve(folder);
      const [certificate = Buffer.of()] = await newCertificates(1);
      await push(server.url, certificate);
      const modes = (await readdir(store)).map(async (name) => (await stat(join(store, name))).mode & 0o077);
      expect(new Set(await Promise.all(modes))).toEqual(new Set([0]));
      server.process.kill('SIGTERM');
      await server.ended;
    });
  });

  it('reads settings from flags before environment before file', async () => {
    await inTempFolder(async (folder) => {
      const config = join(folder, 'server.toml');
      await writeFile(
        config,
        'log_level = "silent"\npublic_url = "https://keys.example.org"\nlisten = "127.0.0.1:1"\n',
      );
      const server = await serve(folder, ['--config', config]);
      const greeting = (await server.seen(/curl '(\S+)'/)).input;
      expect(greeting).toContain('gpg --keyserver hkps://keys.example.org --send-keys');
      expect(greeting).toContain('--url https://keys.example.org ');
      server.process.kill('SIGTERM');
      expect(await server.ended).toMatchObject({ code: 0, stderr: '' });
    });
  });

  it.each([
    ['an unknown setting', 'lisen = "x"', /server\.toml: lisen is not a setting; did you mean "listen"\?/],
    ['broken TOML', 'data = "x"\nlisten = ', /server\.toml:2:/],
  ])('says in one line what is wrong with a file with %s, and exits 78', async (_, toml, message) => {
    await inTempFolder(async (folder) => {
      const config = join(folder, 'server.toml');
      await writeFile(config, toml);
      const { code, stdout, stderr } = await vouch(['serve', '--config', config, '--data', folder]);
      expect({ code, stdout: stdout.toString() }).toEqual({ code: 78, stdout: '' });
      expect(stderr).toMatch(message);
      expect(stderr.trim().split('\n')).toHaveLength(1);
    });
  });

  it('says in one line that the port, the store or the folder cannot be had, and exits 78', async () => {
    await inTempFolder(async (folder) => {
      const server = await serve(join(folder, 'a'));
      const address = server.url.replace('http://', '');
      const file = join(folder, 'file');
      await writeFile(file, '');
      const failures = [
        await vouch(['serve', '--listen', address, '--data', join(folder, 'b')]),
        await vouch(['serve', '--listen', '127.0.0.1:0', '--data', join(folder, 'a')]),
        // Modes do not stop root; a file where a folder must be stops everybody.
        await vouch(['serve', '--listen', '127.0.0.1:0', '--data', join(file, 'c')]),
        await vouch(['keystore', 'check', '--data', join(folder, 'a')]),
      ];
      expect(failures.map(({ code }) => code)).toEqual([78, 78, 78, 78]);
      expect(failures.map(({ stdout }) => stdout.toString())).toEqual(['', '', '', '']);
      for (const { stderr } of failures) expect(stderr.trim().split('\n')).toHaveLength(1);
      expect(failures[0]?.stderr).toContain(address.split(':')[1]);
      expect(failures[3]?.stderr).toContain('running server');
      server.process.kill('SIGTERM');
      expect((await server.ended).code).toBe(0);
    });
  });

  it('H32 finishes or refuses every push that is under way at SIGTERM, and keeps what it acknowledged', async () => {
    await inTempFolder(async (folder) => {
      const certificates = await newCertificates(40);
      const server = await serve(folder);
      let answered = 0;
      const pushes = certificates.map(async (certificate) => {
        // Undefined: the connection was not accepted any more.
        const status = await push(server.url, certificate).then(
          (answer) => answer.status,
          () => undefined,
        );
        answered += 1;
        if (answered === 5) server.process.kill('SIGTERM');
        return status;
      });
      const statuses = await Promise.all(pushes);
      expect((await server.ended).code).toBe(0);
      expect(statuses.filter((status) => status !== undefined && status !== 200)).toEqual([]);
      const acknowledged = [...statuses.keys()].filter((index) => statuses[index] === 200);
      expect(acknowledged.length).toBeGreaterThanOrEqual(5);

      const check = await vouch(['keystore', 'check', '--data', folder]);
      expect(check).toMatchObject({ code: 0, stderr: '' });
      const again = await serve(folder);
      for (const index of acknowledged) {
        const found = await fetch(`${again.url}/pks/lookup?op=get&search=signer${index}@example.org`);
        expect(found.status).toBe(200);
      }
      again.process.kill('SIGTERM');
      await again.ended;
    });
  });

  it('finishes the request in flight at SIGTERM, takes no new one, and ends at once at a second signal', async () => {
    await inTempFolder(async (folder) => {
      const [certificate = Buffer.of()] = await newCertificates(1);
      const server = await serve(folder);
      const { hostname, port } = new URL(server.url);
      const slow = connect(Number(port), hostname);
      slow.write(
        `POST /pks/add HTTP/1.1\r\nHost: x\r\nContent-Type: application/pgp-keys\r\nContent-Length: ${certificate.length}\r\n\r\n`,
      );
      slow.write(certificate.subarray(0, 100));
      // An answer on another connection: the server has seen what came before it.
      expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
      server.process.kill('SIGTERM');
      await closedTo(server.url);
      const answer = once(slow, 'data');
      slow.write(certificate.subarray(100));
      expect(String((await answer)[0])).toMatch(/^HTTP\/1\.1 200 /);
      slow.destroy();
      expect((await server.ended).code).toBe(0);

      const stuck = await serve(folder);
      const open = connect(Number(new URL(stuck.url).port), hostname);
      open.write(
        'POST /pks/add HTTP/1.1\r\nHost: x\r\nContent-Type: application/pgp-keys\r\nContent-Length: 10\r\n\r\n',
      );
      expect((await fetch(`${stuck.url}/healthz`)).status).toBe(200);
      stuck.process.kill('SIGTERM');
      await closedTo(stuck.url);
      stuck.process.kill('SIGTERM');
      expect((await stuck.ended).code).toBe(143);
      open.destroy();
    });
  });

  it('goes on, and stops as it should, when nobody reads its log any more', async () => {
    await inTempFolder(async (folder) => {
      const server = await serve(folder);
      server.process.stderr.destroy();
      for (let i = 0; i < 3; i += 1) expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
      server.process.kill('SIGTERM');
      expect((await server.ended).code).toBe(0);
    });
  });

  it('keeps its store under var/ when nothing else is said, and writes nothing else', async () => {
    await inTempFolder(async (folder) => {
      const server = start(['serve', '--listen', '127.0.0.1:0'], { cwd: folder, env: {} });
      await server.seen(/^Store: var\/keystore /m);
      server.process.kill('SIGTERM');
      expect((await server.ended).code).toBe(0);
      expect(await readdir(folder)).toEqual(['var']);
      expect(await readdir(join(folder, 'var'))).toEqual(['keystore']);
    });
  });
});

/** Waits until a server takes no more connections. */
async function closedTo(url: string): Promise<void> {
  const { hostname, port } = new URL(url);
  for (;;) {
    const socket = connect(Number(port), hostname);
    const refused = await Promise.race([
      once(socket, 'connect').then(() => false),
      once(socket, 'error').then(() => true),
    ]).catch(() => true);
    socket.destroy();
    if (refused) return;
  }
}
