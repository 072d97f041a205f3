/* What a user does with keys, on two hosts and a keystore. */
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { armor } from '../../../src/openpgp/armor.ts';
import { DAY, EPOCH, keyring, makeCertificate } from '../../fixtures/test-key.ts';
import { inTempFolder, push, serve } from '../vouch.ts';
import { listed, newHost, newKey } from './keys.ts';

/** A keystore for one test. */
async function keystore(): Promise<string> {
  return new Promise((resolve, reject) => {
    inTempFolder(async (folder) => {
      const server = await serve(folder);
      const done = new Promise<void>((end) => onTestFinished(() => end()));
      resolve(server.url);
      await done;
      server.process.kill('SIGTERM');
      await server.ended;
    }).catch(reject);
  });
}

describe('vouch key', () => {
  it('makes a key, pushes it, and another host finds and pulls it', async () => {
    const url = await keystore();
    const [maker, user] = [await newHost(url), await newHost(url)];
    const made = await maker.run(['newpair'], {
      stdin: 'Ann Example\nann@example.org\nsigning\ncorrect horse\ncorrect horse\n',
    });
    expect(made.stdout).toBe(
      'Generating Entity and OpenPGP Key Pair... done\nNOT pushing newly created key to keystore\n',
    );
    expect(made.stderr).toContain('Enter your name (e.g., John Doe) : ');
    expect(made.stderr).toContain('Enter your email address (e.g., john.doe@example.com) : ');
    expect(made.stderr).toContain('Enter optional comment (e.g., development keys) : ');
    expect(made.stderr).toContain('Enter a passphrase : Retype your passphrase : ');
    expect(made.code).toBe(0);
    const [key] = await listed(maker, ['--secret']);
    if (key === undefined) throw new Error('no key');
    expect(key.locked).toBe(true);
    const { fingerprint } = key;
    const pushed = await maker.run(['push', fingerprint]);
    expect(pushed.stdout).toBe(`public key \`${fingerprint}' pushed to server successfully\n`);
    expect(pushed.stderr).toMatch(/^INFO: {4}Key server response: .+\n$/);
    const found = await user.run(['search', 'ann@example.org']);
    expect(found.stdout).toBe(
      `Showing 1 results\n\nKEY ID    BITS  NAME/EMAIL\n${fingerprint.slice(-8)}  4096  Ann Example (signing) <ann@example.org>\n\n`,
    );
    const ring = join(user.keys, 'pgp-public');
    const pulled = await user.run(['pull', fingerprint.slice(-8).toLowerCase()]);
    expect(pulled.stdout).toBe(`1 key(s) added to keyring of trust ${ring}\n`);
    expect((await user.run(['pull', `0x${fingerprint}`])).stdout).toBe(
      `0 key(s) added to keyring of trust ${ring}\n`,
    );
    expect((await user.run(['list'])).stdout).toMatch(
      new RegExp(
        String.raw`^Public key listing \(${ring}\):\n\n0\)  User:              Ann Example \(signing\) <ann@example\.org>\n    Creation time:     \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000 UTC\n    Fingerprint:       ${fingerprint}\n    Length \(in bits\):  4096\n\n$`,
      ),
    );
    expect((await stat(join(maker.keys, 'pgp-secret'))).mode & 0o777).toBe(0o600);
    expect((await stat(maker.keys)).mode & 0o777).toBe(0o700);
  });

  it('pulls a revocation into a key that it has, and says that the key is revoked', async () => {
    const url = await keystore();
    const host = await newHost(url);
    const alice = makeCertificate();
    await push(url, alice.bytes);
    expect((await host.run(['pull', alice.fingerprint])).code).toBe(0);
    const [first, ...rest] = alice.packets;
    if (first === undefined) throw new Error('no key packet');
    await push(url, keyring(first, alice.key.revoke({ created: EPOCH + DAY }), ...rest));
    const again = await host.run(['pull', alice.fingerprint]);
    expect(again.stdout).toContain('0 key(s) added');
    expect(again.stdout).toContain(`Public key with fingerprint ${alice.fingerprint} updated`);
    expect(again.stderr).toContain(`WARNING: key ${alice.fingerprint} was revoked on 2024-01-02`);
    expect((await listed(host))[0]?.status).toBe('revoked');
    expect((await host.run(['list'])).stdout).toContain('    Status:            revoked\n');
  });

  it('asks every keystore that is named, and goes on when one is down', async () => {
    const url = await keystore();
    const host = await newHost();
    const alice = makeCertificate();
    await push(url, alice.bytes);
    const both = ['-u', 'http://127.0.0.1:9', '--url', url];
    const pulled = await host.run(['pull', alice.fingerprint, ...both]);
    expect(pulled).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('WARNING: cannot reach') as string,
    });
    expect((await host.run(['pull', alice.fingerprint, '-u', 'http://127.0.0.1:9'])).code).toBe(69);
    expect((await host.run(['pull', alice.fingerprint])).stderr).toContain('which keystore? Give --url');
  });

  it('finds nothing with 66, and names what it looked for', async () => {
    const host = await newHost(await keystore());
    expect(await host.run(['search', 'nobody'])).toMatchObject({ code: 66, stdout: '' });
    const { code, stderr } = await host.run(['pull', '0'.repeat(40)]);
    expect(code).toBe(66);
    expect(stderr).toContain('no matching keys found for fingerprint 0000');
    expect((await host.run(['push', '0'.repeat(40)])).code).toBe(66);
    expect((await host.run(['pull', 'bob'])).code).toBe(64);
  });
});

describe('vouch key import and export', () => {
  it('carry a secret key to another host, under its passphrase or a new one', async () => {
    const [from, to, third] = [await newHost(), await newHost(), await newHost()];
    const passwords = join(from.home, 'password');
    await writeFile(passwords, 'first passphrase\n');
    const words = ['newpair', '-N', 'Ann', '-E', 'ann@example.org', '-C', '', '--algorithm', 'ed25519'];
    expect((await from.run([...words, '--password-file', passwords])).code).toBe(0);
    const [key] = await listed(from, ['-s']);
    const fingerprint = key?.fingerprint ?? '';
    const file = join(from.home, 'secret.asc');
    const exported = await from.run(['export', '--secret', '--armor', '--fingerprint', fingerprint, file]);
    expect(exported.stdout).toBe(
      `Private key with fingerprint ${fingerprint} correctly exported to file: ${file}\n`,
    );
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, 'latin1')).toMatch(/^-----BEGIN PGP PRIVATE KEY BLOCK-----\n/);
    const imported = await to.run(['import', file]);
    expect(imported.stdout).toBe(
      `Key with fingerprint ${fingerprint} successfully added to the private keyring\n` +
        `Key with fingerprint ${fingerprint} successfully added to the public keyring\n`,
    );
    expect(await readFile(join(to.keys, 'pgp-secret'))).toEqual(
      await readFile(join(from.keys, 'pgp-secret')),
    );
    expect(await to.run(['import', file])).toMatchObject({
      code: 65,
      stderr: expect.stringContaining(
        `the key with fingerprint ${fingerprint} already belongs to the keyring`,
      ) as string,
    });
    const wrong = await third.run(['import', file, '--new-password'], { stdin: 'not it\nsecond\nsecond\n' });
    expect(wrong.code).toBe(77);
    expect(await listed(third, ['-s'])).toEqual([]);
    const changed = await third.run(['import', file, '--new-password'], {
      stdin: 'first passphrase\nsecond\nsecond\n',
    });
    expect(changed).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('Enter your key password : ') as string,
    });
    expect(await readFile(join(third.keys, 'pgp-secret'))).not.toEqual(await readFile(file));
    expect((await listed(third, ['-s']))[0]?.locked).toBe(true);
  });

  it('take and give public keys, by number or by fingerprint, armored or not', async () => {
    const host = await newHost();
    const [alice, bob] = [makeCertificate(['Alice']), makeCertificate(['Bob'])];
    const imported = await host.run(['import', '-'], { stdin: armor(alice.bytes) + armor(bob.bytes) });
    expect(imported.code).toBe(0);
    const byNumber = await host.run(['export', '-'], { stdin: 'x\n7\n1\n' });
    expect(byNumber.stderr).toContain('Enter # of public key to use : Please give a number from 0 to 1\n');
    expect(byNumber.code).toBe(0);
    const file = join(host.home, 'bob.pgp');
    await host.run(['export', file, '--fingerprint', bob.fingerprint]);
    expect(await readFile(file)).toEqual(
      await readFile(join(host.keys, 'pgp-public')).then((all) => all.subarray(alice.bytes.length)),
    );
  });

  it('take a file as a whole or not at all', async () => {
    const host = await newHost();
    const broken = Buffer.concat([makeCertificate().bytes, makeCertificate().bytes.subarray(0, 60)]);
    const { code, stderr } = await host.run(['import', '-'], { stdin: broken });
    expect(code).toBe(65);
    expect(stderr).toContain('nothing was imported');
    expect(await listed(host)).toEqual([]);
    expect((await host.run(['import', join(host.home, 'nothing')])).code).toBe(66);
    expect((await host.run(['import', '-'], { stdin: 'hello' })).code).toBe(65);
  });

  it('do not put a secret key into the global keyring', async () => {
    const host = await newHost();
    const fingerprint = await newKey(host, 'Ann');
    const file = join(host.home, 'key');
    await host.run(['export', '-s', '--fingerprint', fingerprint, file]);
    expect((await host.run(['import', '--global', file])).code).toBe(64);
    expect((await host.run(['list', '--global', '--secret'])).code).toBe(64);
  });
});

describe('vouch key remove', () => {
  it('takes the public key out, the secret one, or both', async () => {
    const host = await newHost();
    const [ann, bob] = [await newKey(host, 'Ann'), await newKey(host, 'Bob')];
    expect(await host.run(['remove', ann.slice(-16)])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect((await listed(host)).map(({ fingerprint }) => fingerprint)).toEqual([bob]);
    expect((await listed(host, ['-s'])).map(({ fingerprint }) => fingerprint)).toEqual([ann, bob]);
    expect((await host.run(['remove', '-s', ann])).code).toBe(0);
    expect((await host.run(['remove', '--both', bob])).code).toBe(0);
    expect([await listed(host), await listed(host, ['-s'])]).toEqual([[], []]);
    const missing = await host.run(['remove', ann]);
    expect(missing.code).toBe(66);
    expect(missing.stderr).toContain('Unable to remove public key: no key matching given fingerprint found');
  });

  it("takes a key out of Apptainer's keyring too, since Apptainer would go on trusting it", async () => {
    const host = await newHost();
    const alice = makeCertificate();
    const apptainer = join(host.home, '.apptainer', 'keys');
    await host.run(['import', '-'], { stdin: alice.bytes });
    await host.run(['import', '-', '--keysdir', apptainer], { stdin: alice.bytes });
    expect((await listed(host)).map(({ keyring: path }) => path)).toEqual([
      join(host.keys, 'pgp-public'),
      join(apptainer, 'pgp-public'),
    ]);
    await host.run(['remove', alice.fingerprint]);
    expect(await listed(host)).toEqual([]);
  });
});
