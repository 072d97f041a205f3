import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { published, publishedImage, publishedPath } from '../sif/testdata.ts';
import { inTempFolder, start, vouch } from './vouch.ts';

const siftool = spawnSync('siftool', ['--help']).status === 0;

/** Runs in a folder, and expects the command to succeed. */
async function sif(...words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await vouch(['sif', ...words]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.toString();
}

const PARTITION = ['--datatype', '4', '--parttype', '2', '--partfs', '1', '--partarch', '2'];

describe('vouch sif', () => {
  it('makes, fills, lists, dumps, changes and empties an image', async () => {
    await inTempFolder(async (folder) => {
      const [image, object] = [join(folder, 'x.sif'), join(folder, 'object')];
      await writeFile(object, 'content');
      expect(await sif('new', image, '--deterministic')).toBe('');
      expect(await sif('add', image, object, '--datatype', '6', '--groupid', '1', '--filename', 'a')).toBe(
        '',
      );
      await sif('add', image, object, ...PARTITION, '--groupid', '1');
      await sif('add', image, object, ...PARTITION.with(3, 'System').with(5, 'ext3').with(7, 's390x'));
      const signature = ['--signhash', 'sha256', '--signentity', 'ab'.repeat(20), '--link', 'group:1'];
      const added = await sif('add', image, object, '--datatype', 'signature', ...signature, '--json');
      expect(JSON.parse(added)).toMatchObject({ added: { id: 4, link: { group: 1 } } });
      expect((await sif('list', image)).split('\n').slice(3)).toEqual([
        '1    |1       |NONE    |32176-32183               |JSON.Generic',
        '2    |1       |NONE    |32768-32775               |FS (Squashfs/*System/amd64)',
        '3    |NONE    |NONE    |36864-36871               |FS (Ext3/System/s390x)',
        '4    |NONE    |1   (G) |36871-36878               |Signature (SHA-256)',
        '',
      ]);
      expect(await sif('dump', '2', image)).toBe('content');
      expect(JSON.parse(await sif('setprim', '3', image, '--json'))).toMatchObject({
        primary: 3,
        changed: true,
      });
      expect(JSON.parse(await sif('header', image, '--json'))).toMatchObject({
        primaryArchitecture: 's390x',
        created: null,
        modified: null,
        descriptorsFree: 44,
      });
      for (const id of ['4', '3', '2', '1']) await sif('del', id, image, '--zero', '--compact');
      expect((await stat(image)).size).toBe(32_176);
      expect(JSON.parse(await sif('list', image, '--json'))).toEqual([]);
      expect((await readdir(folder)).toSorted()).toEqual(['object', 'x.sif']);
    });
  });

  it('adds from standard input, whatever its length', async () => {
    await inTempFolder(async (folder) => {
      const image = join(folder, 'x.sif');
      await sif('new', image);
      const stdin = Buffer.alloc(3_000_000, 7);
      const { code, stderr } = await vouch(['sif', 'add', image, '-', '--datatype', '7'], { stdin });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const { stdout } = await vouch(['sif', 'dump', '1', image]);
      expect(Buffer.compare(stdout, stdin)).toBe(0);
    });
  });

  it('says in JSON what it knows of each object', async () => {
    await inTempFolder(async (folder) => {
      const image = join(folder, 'x.sif');
      await sif('new', image);
      await vouch(['sif', 'add', image, '-', ...PARTITION, '--filename', 'root'], {
        stdin: Buffer.from('x'),
      });
      await vouch(['sif', 'add', image, '-', '--datatype', 'sbom', '--sbomformat', 'github'], {
        stdin: Buffer.from('x'),
      });
      const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect(JSON.parse(await sif('list', image, '--json'))).toEqual([
        {
          id: 1,
          group: null,
          link: null,
          type: 'FS',
          typeCode: 0x4004,
          name: 'root',
          offset: 32_768,
          size: 1,
          created: time,
          modified: time,
          partition: { fileSystem: 'Squashfs', use: '*System', architecture: 'amd64' },
        },
        expect.objectContaining({ id: 2, type: 'SBOM', detail: ['github-json'] }),
      ]);
    });
  });

  it.each([
    [['sif'], 64, 'name a command'],
    [['sif', 'lst', 'x'], 64, 'did you mean list?'],
    [['sif', 'dump', 'x'], 64, 'ID or IMAGE is missing'],
    [['sif', 'dump', '0', 'x.sif'], 64, 'IDs count from 1'],
    [['sif', 'dump', '1e3', 'x.sif'], 64, 'IDs count from 1'],
    [['sif', 'dump', '9', 'x.sif'], 66, 'x.sif: the image has no object 9'],
    [['sif', 'del', '9', 'x.sif'], 66, 'the image has no object 9'],
    [['sif', 'setprim', '1', 'x.sif'], 65, 'not a system partition'],
    [['sif', 'list', 'none.sif'], 66, 'cannot read'],
    [['sif', 'list', '.'], 66, 'not a regular file'],
    [['sif', 'list', 'text'], 65, 'not a SIF image'],
    [['sif', 'header', 'cut.sif'], 65, 'cut off'],
    [['sif', 'new', 'x.sif'], 77, '--force'],
    [['sif', 'new', 'no/x.sif'], 66, 'cannot write'],
    [['sif', 'add', 'x.sif', 'text'], 64, '--datatype is needed'],
    [['sif', 'add', 'x.sif', 'text', '--datatype', '12'], 64, 'is not known'],
    [['sif', 'add', 'x.sif', 'text', '--datatype', '4'], 64, '--parttype, --partfs and --partarch'],
    [['sif', 'add', 'x.sif', 'text', '--datatype', '5'], 64, '--signhash and --signentity'],
    [
      ['sif', 'add', 'x.sif', 'text', '--datatype', '5', '--signhash', '1', '--signentity', 'ab'],
      64,
      '40 hex',
    ],
    [['sif', 'add', 'x.sif', 'text', '--datatype', '9'], 64, '--sbomformat'],
    [['sif', 'add', 'x.sif', 'text', '--datatype', '7', '--groupid', '-1'], 64, 'whole number'],
    [['sif', 'add', 'x.sif', 'text', '--datatype', '7', '--link', '0'], 65, 'a link to object 0'],
    [['sif', 'add', 'x.sif', 'text', '--datatype', '7', '--alignment', '3'], 65, 'power of two'],
    [['sif', 'add', 'x.sif', 'none', '--datatype', '7'], 66, 'cannot read'],
    [['sif', 'add', 'text', 'text', '--datatype', '7'], 65, 'not a SIF image'],
  ] as const)('%j exits %i, says why and changes nothing', async (words, exitCode, message) => {
    await inTempFolder(async (folder) => {
      const image = join(folder, 'x.sif');
      await sif('new', image);
      await vouch(['sif', 'add', image, '-', '--datatype', '7'], { stdin: Buffer.from('x') });
      await writeFile(join(folder, 'text'), 'text\n');
      await copyFile(image, join(folder, 'cut.sif'));
      await truncate(join(folder, 'cut.sif'), 20_000);
      const before = await readFile(image);
      const started = start(words, { cwd: folder });
      started.process.stdin.end();
      const { code, stdout, stderr } = await started.ended;
      expect({ code, stdout: stdout.toString() }).toEqual({ code: exitCode, stdout: '' });
      expect(stderr).toContain(message);
      expect(Buffer.compare(await readFile(image), before)).toBe(0);
      expect((await readdir(folder)).toSorted()).toEqual(['cut.sif', 'text', 'x.sif']);
    });
  });

  it('undoes an addition that is interrupted while it waits for more', async () => {
    await inTempFolder(async (folder) => {
      const image = join(folder, 'x.sif');
      await sif('new', image);
      const before = await readFile(image);
      const { process: child, ended } = start(['sif', 'add', image, '-', '--datatype', '7']);
      child.stdin.on('error', () => undefined);
      child.stdin.write(Buffer.alloc(100_000, 1));
      while ((await stat(image)).size === before.length)
        await new Promise((resolve) => setTimeout(resolve, 20));
      child.kill('SIGINT');
      const { code, stderr } = await ended;
      expect({ code, stderr }).toEqual({
        code: 130,
        stderr: expect.stringContaining('the image is as it was'),
      });
      expect(Buffer.compare(await readFile(image), before)).toBe(0);
      expect(await readdir(folder)).toEqual(['x.sif']);
    });
  });

  it('ends quietly when the reader of a dump has had enough', async () => {
    await inTempFolder(async (folder) => {
      const [image, object] = [join(folder, 'x.sif'), join(folder, 'object')];
      await writeFile(object, '');
      await truncate(object, 64 * 2 ** 20);
      await sif('new', image);
      await sif('add', image, object, '--datatype', '7');
      const { process: child, ended } = start(['sif', 'dump', '1', image]);
      await once(child.stdout, 'data');
      child.stdout.destroy();
      expect(await ended).toMatchObject({ code: 0, stderr: '' });
    });
  });

  it('lets no name or launch script move the cursor', async () => {
    await inTempFolder(async (folder) => {
      const image = join(folder, 'x.sif');
      await sif('new', image, '--launch-script', '#!\u001b[2J');
      expect(await sif('header', image)).toMatch(/^Launch Script: {6}#!\uFFFD\[2J\n/);
    });
  });
});

describe.skipIf(!published)('vouch sif, as siftool would (needs ../shared/testdata):', () => {
  it('makes the published empty image', async () => {
    await inTempFolder(async (folder) => {
      const image = join(folder, 'x.sif');
      await sif('new', image, '--deterministic');
      expect(Buffer.compare(await readFile(image), publishedImage('sylabs-sif/empty.sif'))).toBe(0);
    });
  });

  // The packaged siftool may be older than the OCI types.
  const images = [
    'one-group',
    'one-group-signed-pgp',
    'two-groups-signed-pgp',
    'one-object-sbom',
    'empty-launch-script',
  ];

  it.skipIf(!siftool).each(images)(
    'lists %s, and shows its header, letter for letter (needs siftool)',
    async (name) => {
      const path = publishedPath(`sylabs-sif/${name}.sif`);
      for (const command of ['list', 'header']) {
        const { stdout } = spawnSync('siftool', [command, path]);
        expect(await sif(command, path)).toBe(stdout.toString());
      }
    },
  );

  it.skipIf(!siftool)('makes images that siftool reads, with times too (needs siftool)', async () => {
    await inTempFolder(async (folder) => {
      const image = join(folder, 'x.sif');
      await sif('new', image, '--launch-script', '#!/usr/bin/env run-singularity');
      for (const type of [['7'], ['8'], PARTITION.slice(1), ['9', '--sbomformat', 'spdx-json']]) {
        await vouch(['sif', 'add', image, '-', '--datatype', ...type], { stdin: Buffer.from('content') });
      }
      for (const command of ['list', 'header']) {
        const { status, stdout } = spawnSync('siftool', [command, image]);
        expect(status).toBe(0);
        expect(await sif(command, image)).toBe(stdout.toString());
      }
      expect(spawnSync('siftool', ['dump', '3', image]).stdout.toString()).toBe('content');
    });
  });
});
