import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { armor } from '../../../src/openpgp/armor.ts';
import { newCertificate, newCertificates } from '../certificates.ts';
import { keyring, TestKey, userId } from '../../fixtures/test-key.ts';
import { inTempFolder, start, vouch } from '../vouch.ts';
import { codes, dump, load } from './load-and-dump.ts';

let certificates: Buffer[];

beforeAll(async () => {
  certificates = await newCertificates(30);
});

describe('vouch keystore dump and load', () => {
  it('bring a store into an empty one: a dump of it has the same bytes', async () => {
    await inTempFolder(async (folder) => {
      const ring = join(folder, 'ring.pgp');
      await writeFile(ring, Buffer.concat(certificates));
      expect(await load(join(folder, 'a'), [ring])).toMatchObject({
        code: 0,
        inserted: 30,
        refused: [],
        complete: true,
      });
      const first = join(folder, 'first.pgp');
      const wrote = await vouch(['keystore', 'dump', first, '--data', join(folder, 'a'), '--json']);
      const octets = await readFile(first);
      expect(JSON.parse(wrote.stdout.toString())).toEqual({
        certificates: 30,
        octets: octets.length,
        files: [first],
      });

      const parts = join(folder, 'parts');
      await vouch([
        'keystore',
        'dump',
        '--output-dir',
        parts,
        '--per-file',
        '7',
        '--data',
        join(folder, 'a'),
      ]);
      expect((await readdir(parts)).toSorted()).toEqual(
        [0, 1, 2, 3, 4].map((index) => `vouch-dump-000${index}.pgp`),
      );
      // By folder, by pipe, armored: the same store each time.
      await writeFile(join(folder, 'ring.asc'), armor(octets));
      expect(await load(join(folder, 'b'), [parts])).toMatchObject({ code: 0, inserted: 30, files: 5 });
      expect(await load(join(folder, 'c'), ['-'], octets)).toMatchObject({ code: 0, inserted: 30 });
      expect(await load(join(folder, 'd'), [join(folder, 'ring.asc')])).toMatchObject({
        code: 0,
        inserted: 30,
      });
      for (const store of ['a', 'b', 'c', 'd'])
        expect((await dump(join(folder, store))).equals(octets)).toBe(true);
      expect(await load(join(folder, 'd'), [first])).toMatchObject({ code: 0, unchanged: 30, inserted: 0 });
    });
  });

  it('verify nothing when the dump is trusted, and say so', async () => {
    await inTempFolder(async (folder) => {
      const ring = join(folder, 'ring.pgp');
      const whole = Buffer.concat(certificates);
      const key = new TestKey();
      const id = userId('Mallory');
      const forged = keyring(key.key.packet, id, key.certify(id, { broken: true }));
      await writeFile(ring, Buffer.concat([whole, forged]));
      const verified = await load(join(folder, 'a'), [ring]);
      expect(verified).toMatchObject({ code: 0, trusted: false, inserted: 30 });
      expect(codes(verified)).toEqual({ NOTHING_VALID: 1 });
      expect(verified.stderr).not.toContain('NO SIGNATURE');
      const trusted = await load(join(folder, 'b'), ['--trusted', ring]);
      expect(trusted).toMatchObject({ code: 0, trusted: true, inserted: 31, refused: [] });
      expect(trusted.stderr).toContain('NO SIGNATURE IS VERIFIED');
      // What a keystore wrote comes out as it went in.
      await writeFile(ring, await dump(join(folder, 'a')));
      expect(await load(join(folder, 'c'), ['--trusted', ring])).toMatchObject({ inserted: 30, leftOut: [] });
      expect((await dump(join(folder, 'c'))).equals(await dump(join(folder, 'a')))).toBe(true);
    });
  });

  it('takes several files, and certificates that come twice', async () => {
    await inTempFolder(async (folder) => {
      const [one = Buffer.of(), two = Buffer.of(), three = Buffer.of()] = certificates;
      const names = ['x.pgp', 'y.pgp'].map((name) => join(folder, name));
      await writeFile(names[0] ?? '', Buffer.concat([one, two]));
      await writeFile(names[1] ?? '', Buffer.concat([two, three]));
      expect(await load(folder, names)).toMatchObject({ code: 0, inserted: 3, unchanged: 1, files: 2 });
    });
  });

  it('stops for no bad certificate, says what was refused and why, and never keeps a secret key', async () => {
    await inTempFolder(async (folder) => {
      const { certificate, secret } = await newCertificate('secret');
      const [one = Buffer.of(), two = Buffer.of(), three = Buffer.of()] = certificates;
      const unsigned = three.subarray(0, 2 + (three[1] ?? 0));
      const ring = join(folder, 'ring.pgp');
      await writeFile(
        ring,
        Buffer.concat([one, secret, Buffer.from('damage'), unsigned, two, three.subarray(0, -5)]),
      );
      const refused = join(folder, 'refused.jsonl');
      const report = await load(folder, [ring, '--refused', refused]);
      expect(report).toMatchObject({ code: 0, complete: true, inserted: 3 });
      // Of the last one the part before the cut is whole and properly signed.
      expect(codes(report)).toEqual({ SECRET_KEY: 1, BAD_PACKET: 2, NOTHING_VALID: 1 });
      const lines = (await readFile(refused, 'utf8'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      expect(lines.map(({ code }) => code)).toEqual([
        'SECRET_KEY',
        'BAD_PACKET',
        'NOTHING_VALID',
        'BAD_PACKET',
      ]);
      expect(lines[0]).toMatchObject({ file: ring, offset: one.length });
      expect(lines[2]?.['fingerprint']).toMatch(/^[0-9A-F]{40}$/);
      const all = await dump(folder);
      expect(all.includes(secret.subarray(0, 40))).toBe(false);
      expect(all.includes(certificate.subarray(0, 40))).toBe(false);
      expect((await vouch(['keystore', 'check', '--data', folder])).code).toBe(0);
    });
  });

  it('refuses a certificate over a limit, naming it, and takes the next', async () => {
    await inTempFolder(async (folder) => {
      const [one = Buffer.of(), two = Buffer.of()] = certificates;
      const ring = join(folder, 'ring.pgp');
      // Nine signature packets of 1,000,000 octets each.
      const flood = Buffer.alloc(9_000_000);
      for (let at = 0; at < flood.length; at += 1_000_000) flood.set([0xc2, 0xff, 0, 0x0f, 0x42, 0x3a], at);
      await writeFile(ring, Buffer.concat([one, flood, two]));
      const report = await load(folder, [ring]);
      expect(report).toMatchObject({ code: 0, inserted: 1 });
      expect(codes(report)).toEqual({ CERTIFICATE_TOO_LARGE: 1 });
      expect(report.refused[0]?.reason).toMatch(/\d+ octets/);
    });
  });

  it('keeps to the limits and the blocked keys of the settings file', async () => {
    await inTempFolder(async (folder) => {
      const ring = join(folder, 'ring.pgp');
      const refused = join(folder, 'refused.jsonl');
      await writeFile(ring, Buffer.concat(certificates));
      const config = join(folder, 'server.toml');
      await writeFile(config, '[limits]\nself_signatures = 1\n');
      const strict = await load(join(folder, 'a'), [ring, '--config', config, '--refused', refused]);
      expect(codes(strict)).toEqual({ CERTIFICATE_TOO_LARGE: 30 });
      const { fingerprint }: { fingerprint: string } = JSON.parse(
        (await readFile(refused, 'utf8')).split('\n')[0] ?? '',
      );
      await writeFile(config, `blocked = ["${fingerprint}"]\n`);
      const blocked = await load(join(folder, 'b'), [ring, '--config', config]);
      expect(blocked.inserted).toBe(29);
      expect(codes(blocked)).toEqual({ BLOCKED: 1 });
    });
  });

  it('exits 65 when nothing at all could be taken, and 66 when there is nothing to read', async () => {
    await inTempFolder(async (folder) => {
      const text = join(folder, 'text.pgp');
      await writeFile(text, 'this is not a keyring');
      const report = await load(folder, [text]);
      expect(report.code).toBe(65);
      expect(codes(report)).toEqual({ BAD_PACKET: 1 });
      expect((await load(folder, [join(folder, 'none.pgp')])).code).toBe(66);
      expect((await load(folder, [join(folder, 'keystore')])).code).toBe(66);
    });
  });

  it('exits 77 when a file cannot be written, 66 when there is no store to dump', async () => {
    await inTempFolder(async (folder) => {
      const ring = join(folder, 'ring.pgp');
      await writeFile(ring, certificates[0] ?? '');
      expect((await load(folder, [ring, '--refused', join(ring, 'x')])).code).toBe(77);
      await load(folder, [ring]);
      expect((await vouch(['keystore', 'dump', join(ring, 'x'), '--data', folder])).code).toBe(77);
      expect((await vouch(['keystore', 'dump', '--data', join(folder, 'none')])).code).toBe(66);
      expect(await readdir(folder)).not.toContain('none');
    });
  });

  it('is quiet when the reader of a dump goes away', async () => {
    await inTempFolder(async (folder) => {
      // More than a pipe holds.
      const many = await newCertificates(200);
      const ring = join(folder, 'ring.pgp');
      await writeFile(ring, Buffer.concat(many));
      await load(folder, [ring]);
      const { process: child, ended } = start(['keystore', 'dump', '--data', folder]);
      child.stdout.once('data', () => child.stdout.destroy());
      expect(await ended).toMatchObject({ code: 0, stderr: '' });
    });
  });
});
