import { readFile, stat } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { beforeEach, describe, expect, test } from 'vitest';
import { corpus, HAVE_CORPUS } from '../integrity/verified.ts';
import { subpackets } from '../fixtures/test-key.ts';
import { buildImage, GROUP, withSignature } from '../fixtures/sif-image.ts';
import { unarmored } from '../openpgp/checked.ts';
import { ImageHost, keystore, Signer } from './verify-host.ts';
import { push } from './vouch.ts';

const NAME = 'Dana Doe <dana@example.org>';
let host: ImageHost;
let dana: Signer;
beforeEach(async () => {
  host = await ImageHost.create();
  dana = new Signer(NAME);
});

const verified = (label: string, fingerprint: string): string =>
  `${label.padEnd(18)} Signing entity: ${NAME}\n${label.padEnd(18)} Fingerprint: ${fingerprint}\n` +
  'Objects verified:\nID  |GROUP   |LINK    |TYPE\n------------------------------------------------\n' +
  '1   |1       |NONE    |JSON.Generic\n2   |1       |NONE    |FS\n';

describe('an image signed by a key of this host', () => {
  test('is verified, in the shape that Singularity writes, without colour and to stdout alone', async () => {
    await host.holds(dana.certificate());
    const image = await host.has('good.sif', dana.image());
    const { code, stdout, stderr } = await host.verify(image);
    expect({ code, stdout }).toEqual({ code: 0, stdout: verified('[LOCAL]', dana.key.fingerprint) });
    expect(stderr).toBe(
      `INFO:    Verifying image with PGP key material\nINFO:    Verified signature(s) from image '${image}'\n`,
    );
  });

  test('says so in the JSON of Singularity, with its escapes', async () => {
    await host.holds(dana.certificate());
    const { code, stdout } = await host.verify('--json=singularity', await host.has('a.sif', dana.image()));
    expect(code).toBe(0);
    expect(stdout).toContain('"Name": "Dana Doe \\u003cdana@example.org\\u003e",\n');
    const entry = (partition: string) => ({
      Signer: {
        Partition: partition,
        Name: NAME,
        Fingerprint: dana.key.fingerprint.toLowerCase(),
        KeyLocal: true,
        KeyCheck: true,
        DataCheck: true,
      },
    });
    expect(JSON.parse(stdout)).toEqual({ Signatures: 1, SignerKeys: [entry('JSON.Generic'), entry('FS')] });
  });

  test('says so in our JSON, also when --json comes before the image', async () => {
    await host.holds(dana.certificate());
    const { stdout } = await host.verify('--json', await host.has('a.sif', dana.image()));
    const signer = { kind: 'pgp', label: 'LOCAL', fingerprint: dana.key.fingerprint, userId: NAME };
    expect(JSON.parse(stdout)).toMatchObject({
      verified: true,
      complete: true,
      exitCode: 0,
      errors: [],
      tasks: [{ groupId: 1, signatures: [{ signatureId: 3, outcome: 'valid', signer, objects: [1, 2] }] }],
    });
  });

  test('is found in the folder that --keysdir or Apptainer’s variable names', async () => {
    await host.holds(dana.certificate());
    const image = await host.has('a.sif', dana.image());
    const keys = host.path('.singularity/sypgp');
    const other = await ImageHost.create();
    expect((await other.verify(image)).code).toBe(11);
    expect((await other.verify('--keysdir', keys, image)).code).toBe(0);
    expect((await other.run(['verify', image], '', { APPTAINER_KEYSDIR: keys })).code).toBe(0);
  });
});

describe('an image that is not as signed', () => {
  test('is refused with 11, and what was found good before is shown', async () => {
    await host.holds(dana.certificate());
    const octets = dana.image();
    const at = octets.lastIndexOf(Buffer.alloc(64, 0x5a));
    octets.writeUInt8(0, at);
    const { code, stdout, stderr } = await host.verify(await host.has('bad.sif', octets));
    expect(code).toBe(11);
    expect(stdout).toContain(`Fingerprint: ${dana.key.fingerprint}\nObjects verified:\n`);
    expect(stdout).toContain('1   |1       |NONE    |JSON.Generic\n\nError encountered');
    expect(stderr).toContain(
      'FATAL:   Failed to verify container: integrity: data object integrity compromised: 2\n',
    );
    const json = await host.verify('--json=singularity', host.path('bad.sif'));
    const entries = (JSON.parse(json.stdout) as { SignerKeys: { Signer: { DataCheck: boolean } }[] })
      .SignerKeys;
    expect(entries.map(({ Signer: { DataCheck } }) => DataCheck)).toEqual([true, false]);
  });

  test('7.3 an unsigned object in a new group: every fault is said, the first one as Go says it', async () => {
    await host.holds(dana.certificate());
    const more = { type: 0x4007, data: Buffer.from('x'), group: GROUP + 2 };
    const image = await host.has('more.sif', buildImage([...withSignature(dana.key), more]));
    const { code, stderr } = await host.verify(image);
    expect(code).toBe(11);
    expect(stderr).toContain('integrity: signature not found for object group 2\n');
    const part = await host.verify('--group-id', '1', image);
    expect(part.code).toBe(0);
    expect(part.stderr).toContain('WARNING: only a part of the image was looked at');
    expect((await host.verify('-g', '1', '-g', '2', image)).code).toBe(11);
  });

  test('7.6 is refused when it has no groups, or no objects', async () => {
    const { code, stderr } = await host.verify(await host.has('empty.sif', buildImage([])));
    expect(code).toBe(11);
    expect(stderr).toContain('integrity: no groups found');
  });

  test('is no image at all: 11; no file: 66; a FIFO is not waited for: 66', async () => {
    expect((await host.verify(await host.has('text', Buffer.from('hello')))).code).toBe(11);
    expect((await host.verify(host.path('nowhere'))).code).toBe(66);
    execFileSync('mkfifo', [host.path('fifo')]);
    expect((await host.verify(host.path('fifo'))).code).toBe(66);
  });

  test('cannot be told when a keyring cannot be read: 20', async () => {
    const image = await host.has('a.sif', dana.image());
    execFileSync('mkdir', [host.publicRing]);
    const { code, stderr } = await host.verify(image);
    expect(code).toBe(20);
    expect(stderr).toContain('it cannot be told');
  });
});

describe('the state of the signer’s key', () => {
  test('7.5 expired now, valid when it signed: 12', async () => {
    const old = new Signer(NAME, { hashed: [subpackets.keyExpires(86_400)] });
    await host.holds(old.certificate());
    const { code, stdout, stderr } = await host.verify(await host.has('a.sif', old.image()));
    expect(code).toBe(12);
    expect(stdout).toContain(`[LOCAL]            Fingerprint: ${old.key.fingerprint}\n`);
    expect(stderr).toContain('signature object 3 not valid: openpgp: key expired\n');
  });

  test('7.5 revoked: 12', async () => {
    await host.holds(dana.revoked());
    const { code, stderr } = await host.verify(await host.has('a.sif', dana.image()));
    expect(code).toBe(12);
    expect(stderr).toContain('openpgp: signature made by revoked key\n');
  });

  test('11 goes before 12: a revoked key beside an unsigned group is bad evidence', async () => {
    await host.holds(dana.revoked());
    const more = { type: 0x4007, data: Buffer.from('x'), group: GROUP + 2 };
    const image = buildImage([...withSignature(dana.key), more]);
    expect((await host.verify(await host.has('a.sif', image))).code).toBe(11);
  });
});

describe('with a keystore', () => {
  test('7.5 a key that only the keystore has is [REMOTE], and is not kept', async () => {
    const { url } = await keystore();
    await push(url, dana.certificate());
    const image = await host.has('a.sif', dana.image());
    const { code, stdout } = await host.verify('--url', url, image);
    expect({ code, stdout }).toEqual({ code: 0, stdout: verified('[REMOTE]', dana.key.fingerprint) });
    expect((await host.verify('--local', '--url', url, image)).code).toBe(11);
    await expect(stat(host.publicRing)).rejects.toThrow('ENOENT');
  });

  test('≠Go 7.5 a revocation published since makes a key of this host refused, then without the keystore too', async () => {
    const { url } = await keystore();
    await host.holds(dana.certificate());
    await push(url, dana.certificate());
    const image = await host.has('a.sif', dana.image());
    expect((await host.verify('--url', url, image)).code).toBe(0);
    const before = await readFile(host.publicRing);
    await push(url, dana.revoked());
    const refused = await host.verify('--url', url, image);
    expect(refused.code).toBe(12);
    expect(refused.stdout).toContain('[LOCAL]');
    expect(refused.stderr).toContain('is revoked; ');
    expect((await readFile(host.publicRing)).length).toBeGreaterThan(before.length);
    expect((await host.verify('--local', image)).code).toBe(12);
  });

  test('one that does not answer is a warning for a key of this host, and 20 for one that nobody here has', async () => {
    const { url, process: server, ended } = await keystore();
    server.kill('SIGKILL');
    await ended;
    const image = await host.has('a.sif', dana.image());
    const unknown = await host.verify('--url', url, image);
    expect(unknown.code).toBe(20);
    expect(unknown.stderr).toContain('a keystore did not answer, so it is not known who signed');
    await host.holds(dana.certificate());
    const known = await host.verify('--url', url, image);
    expect(known.code).toBe(0);
    expect(known.stdout).toBe(verified('[LOCAL]', dana.key.fingerprint));
    expect(known.stderr).toContain('WARNING: cannot ask for key');
  });

  test('the second is asked when the first is down', async () => {
    const [down, up] = [await keystore(), await keystore()];
    down.process.kill('SIGKILL');
    await down.ended;
    await push(up.url, dana.certificate());
    const { code } = await host.verify(
      '--url',
      down.url,
      '--url',
      up.url,
      await host.has('a.sif', dana.image()),
    );
    expect(code).toBe(0);
  });
});

test('a hostile user ID cannot write to the terminal', async () => {
  const mallory = new Signer('\u001b[2J[LOCAL] Dana\r\n<dana@example.org>');
  await host.holds(mallory.certificate());
  const { stdout } = await host.verify(await host.has('a.sif', mallory.image()));
  expect(stdout).not.toContain('\u001b');
  expect(stdout.split('\n')).toHaveLength(8);
});

test('the words that are not understood end with 64', async () => {
  const image = await host.has('a.sif', dana.image());
  for (const words of [
    [],
    ['-g', '0', image],
    ['-g', 'x', image],
    ['--json=xml', image],
    ['--certificate', image, image],
  ]) {
    expect({ words, code: (await host.verify(...words)).code }).toEqual({ words, code: 64 });
  }
});

test('a group or object that is not there ends with 66', async () => {
  const image = await host.has('a.sif', dana.image());
  const { code, stderr } = await host.verify('-g', '7', image);
  expect(code).toBe(66);
  expect(stderr).toContain('integrity: group not found (the image has no group 7; it has: 1)');
  expect((await host.verify('-i', '9', image)).code).toBe(66);
});

describe.skipIf(!HAVE_CORPUS)('published images (../shared/testdata/sif is not here: skipped)', () => {
  test('a DSSE signature needs the key it was made with, and keyrings have none', async () => {
    const image = await host.has('dsse.sif', corpus('sylabs-sif/one-group-signed-dsse.sif'));
    const key = await host.has('key.pem', corpus('sylabs-sif/ed25519-public.pem'));
    const good = await host.verify('--key', key, image);
    expect(good.code).toBe(0);
    expect(good.stderr).toContain(`INFO:    Verifying image with key material from '${key}'\n`);
    const without = await host.verify(image);
    expect(without.code).toBe(11);
    expect(without.stderr).toContain('key material not provided for DSSE envelope signature');
  });

  test('--key asks for that key: a good signature of a keyring does not do', async () => {
    await host.holds(dana.certificate());
    const key = await host.has('key.pem', corpus('sylabs-sif/ed25519-public.pem'));
    expect((await host.verify('--key', key, await host.has('a.sif', dana.image()))).code).toBe(11);
  });

  test('≠Go legacy signatures are shown with --legacy-insecure, and verify nothing', async () => {
    await host.holds(unarmored(corpus('sylabs-sif/pgp-public.asc')));
    const image = await host.has('old.sif', corpus('sylabs-sif/one-group-signed-legacy.sif'));
    expect((await host.verify(image)).code).toBe(11);
    const shown = await host.verify('--legacy-insecure', image);
    expect(shown.code).toBe(11);
    expect(shown.stdout).toContain(
      '[LOCAL]            Fingerprint: 12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84\n',
    );
    expect(shown.stdout).toContain('Contents as signed, by a signature that covers nothing else:\n');
    expect(JSON.parse((await host.verify('--legacy-insecure', '--json', image)).stdout)).toMatchObject({
      verified: false,
      tasks: [{ objectId: 2, contentsMatch: true }],
    });
  });
});
