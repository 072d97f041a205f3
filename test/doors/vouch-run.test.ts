import { chmod, mkdir, realpath, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withFakeDaemon } from '../cli/daemon/fake-daemon.ts';
import type { Answered, Asked } from '../cli/daemon/fake-daemon.ts';
import { door, HOSTILE_NAMES, isInstalled, runDoor, SHELLS } from './door.ts';
import type { DoorEnded } from './door.ts';

interface Host {
  readonly folder: string;
  readonly asked: readonly Asked[];
  /** Paths that were asked for, in order. */
  readonly paths: () => string[];
  readonly run: (words: readonly string[], env?: Readonly<Record<string, string>>) => Promise<Ran>;
}

interface Ran extends DoorEnded {
  /** The words that the real program was started with; undefined: it was not started. */
  readonly started: string[] | undefined;
}

const ADMITTED = (): Answered => ({ status: 204 });

/** A host with a program that shows its words, images a.sif and b.sif, and a daemon that answers so. */
async function onHost<T>(
  answer: (asked: Asked) => Answered,
  use: (host: Host) => Promise<T>,
  shell: readonly string[] = ['sh'],
): Promise<T> {
  return withFakeDaemon(answer, async ({ socketPath, folder: place, asked }) => {
    const folder = await realpath(place);
    await mkdir(join(folder, 'bin'));
    for (const name of ['singularity', 'apptainer']) {
      const path = join(folder, 'bin', name);
      await writeFile(path, '#!/bin/sh\nprintf "%s\\0" STARTED "$@"\n');
      await chmod(path, 0o755);
    }
    for (const name of ['a.sif', 'b.sif', 'c.sif']) await writeFile(join(folder, name), 'x');
    const PATH = `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`;
    return use({
      folder,
      asked,
      paths: () => asked.map(({ octets }) => octets.toString()),
      run: async (words, more = {}) => {
        const env = { PATH, VOUCH_SOCKET: socketPath, ...more };
        const ended = await runDoor([...shell, door('vouch-run'), ...words], { env, cwd: folder });
        const [first, ...rest] = ended.stdout.split('\0');
        return { ...ended, started: first === 'STARTED' ? rest.slice(0, -1) : undefined };
      },
    });
  });
}

for (const [name, shell] of SHELLS) {
  const has = isInstalled(shell[0] ?? '');
  describe.skipIf(!has)(`vouch-run in ${name}${has ? '' : ' (which is not installed)'}`, () => {
    it('starts the program with the real path of an admitted image and every other word as it was', async () => {
      await onHost(
        ADMITTED,
        async ({ folder, paths, run }) => {
          await symlink('a.sif', join(folder, 'link.sif'));
          const words = [
            'exec',
            '--bind',
            '/x y:/z',
            '-e',
            'link.sif',
            'sh',
            '-c',
            'echo "$1"',
            '--',
            ' ',
            '',
          ];
          const { started, code } = await run(['singularity', ...words]);
          expect(code).toBe(0);
          expect(started).toEqual(words.map((word) => (word === 'link.sif' ? join(folder, 'a.sif') : word)));
          expect(paths()).toEqual([join(folder, 'a.sif')]);
        },
        shell,
      );
    });

    it('starts nothing when the image is refused, and says why', async () => {
      await onHost(
        () => ({ status: 403, body: '12 KEY_REVOKED_HARD gone\n' }),
        async ({ run }) => {
          const { started, code, stderr } = await run(['apptainer', 'run', 'a.sif']);
          expect({ started, code }).toEqual({ started: undefined, code: 12 });
          expect(stderr).toMatch(/^vouch-run: .*a\.sif may not run here: KEY_REVOKED_HARD gone\n$/);
        },
        shell,
      );
    });

    it('finds the image behind its flags, whatever form they have', async () => {
      await onHost(
        ADMITTED,
        async ({ folder, asked, run }) => {
          const image = join(folder, 'a.sif');
          const forms = [
            ['run', 'a.sif'],
            ['-d', '--config', 'x', 'run', 'a.sif'],
            ['-c', 'x', 'exec', 'a.sif', 'b.sif'],
            ['--silent', 'shell', '-s', '/bin/zsh', 'a.sif'],
            ['exec', '-s', 'a.sif', 'b.sif'],
            ['exec', '-ce', '-B', '/b', 'a.sif', 'b.sif'],
            ['exec', '-ceB', '/b', 'a.sif', 'b.sif'],
            ['exec', '-ceB/b', 'a.sif'],
            ['exec', '-e=false', 'a.sif'],
            ['exec', '--env', 'A=b.sif', '--nv', 'a.sif', '--overlay', 'b.sif'],
            ['exec', '--xyzzy=b.sif', 'a.sif'],
            ['exec', '--', 'a.sif', 'b.sif'],
            ['test', '--pwd=/x', './a.sif'],
            ['instance', 'start', '-H', '/h', 'a.sif', 'name'],
            ['instance', 'run', 'a.sif', 'name'],
            ['instance.start', 'a.sif', 'name'],
          ];
          for (const form of forms) {
            const { started, stderr } = await run(['singularity', ...form]);
            expect(stderr).toBe('');
            const at = form.findIndex((word) => word.endsWith('a.sif'));
            expect(started).toEqual(form.with(at, image));
          }
          expect(asked.map(({ octets }) => octets.toString())).toEqual(forms.map(() => image));
        },
        shell,
      );
    });

    it('asks for every overlay and image that is bound', async () => {
      await onHost(
        ADMITTED,
        async ({ folder, paths, run }) => {
          const words = [
            'exec',
            '--overlay',
            'b.sif:ro,c.sif',
            '--overlay=b.sif',
            '-o',
            'c.sif:rw',
            '-B',
            '/etc:/e,b.sif:/x:image-src=/y,ro,/plain',
            '--bind',
            'c.sif:/x:ro,id=2',
            '--mount',
            'type=bind,src=b.sif,dst=/x,image-src=/',
            '--mount',
            'type=bind,source=/etc,dst=/x',
            '--data=c.sif:/data',
            'a.sif',
          ];
          expect((await run(['singularity', ...words])).started).toEqual(
            words.map((word) => (word === 'a.sif' ? join(folder, word) : word)),
          );
          const names = ['b', 'c', 'b', 'c', 'b', 'c', 'b', 'c', 'a'];
          expect(paths()).toEqual(names.map((one) => join(folder, `${one}.sif`)));
        },
        shell,
      );
    });

    it('takes hostile names of images for names and nothing else', async () => {
      await onHost(
        ADMITTED,
        async ({ folder, asked, run }) => {
          for (const hostile of HOSTILE_NAMES) {
            await writeFile(join(folder, hostile), 'x');
            const { started } = await run(['singularity', 'exec', '--', hostile, 'true']);
            expect(started).toEqual(['exec', '--', join(folder, hostile), 'true']);
            expect(asked.at(-1)?.octets.toString()).toBe(join(folder, hostile));
          }
        },
        shell,
      );
    });
  });
}

describe('vouch-run', () => {
  it('asks for what the environment adds', async () => {
    await onHost(ADMITTED, async ({ paths, folder, run }) => {
      const env = { APPTAINER_OVERLAY: 'b.sif', SINGULARITY_BINDPATH: 'c.sif:/x:image-src=/' };
      expect((await run(['apptainer', 'run', 'a.sif'], env)).started).toBeDefined();
      expect(paths().toSorted()).toEqual(['a', 'b', 'c'].map((one) => join(folder, `${one}.sif`)));
      // A variable's text is never run.
      const bad = { SINGULARITY_BIND: '$(touch owned):/x:image-src=/`touch owned`' };
      expect((await run(['apptainer', 'run', 'a.sif'], bad)).code).toBe(66);
    });
  });

  it('starts nothing when one of the overlays is refused', async () => {
    const answer = ({ octets }: Asked): Answered =>
      octets.toString().endsWith('b.sif') ? { status: 403, body: '11 UNSIGNED no\n' } : ADMITTED();
    await onHost(answer, async ({ run }) => {
      const words = ['singularity', 'run', '--overlay', 'b.sif', 'a.sif'];
      expect(await run(words)).toMatchObject({ code: 11, started: undefined });
      expect((await run(words, { VOUCH_OVERLAYS: 'unchecked' })).started).toBeDefined();
    });
  });

  it.each([
    ['exec', '--new-flag', 'b.sif', 'a.sif'],
    ['exec', '-X', 'b.sif', 'a.sif'],
    ['exec', '--overlay', '"b.sif"', 'a.sif'],
    ['exec', '-B', 'b\\,c.sif:/x:image-src=/', 'a.sif'],
  ])('does not guess which word is the image: %s %s', async (...words) => {
    await onHost(ADMITTED, async ({ run, asked }) => {
      expect(await run(['singularity', ...words])).toMatchObject({ code: 64, started: undefined });
      expect(asked).toEqual([]);
    });
  });

  it('does not take a second "--" for anything but the image (no way round the question)', async () => {
    await onHost(ADMITTED, async ({ run, folder, paths }) => {
      await writeFile(join(folder, '--'), 'x');
      expect((await run(['singularity', 'exec', '--', '--', 'a.sif'])).started?.[2]).toBe(join(folder, '--'));
      expect(paths()).toEqual([join(folder, '--')]);
    });
  });

  it('refuses what is no file, and lets commands of a running instance pass', async () => {
    await onHost(ADMITTED, async ({ run, asked }) => {
      for (const uri of ['docker://alpine', 'library://a/b', 'oras://h/i', 'docker-archive:x.tar'])
        expect(await run(['singularity', 'run', uri])).toMatchObject({ code: 10, started: undefined });
      expect((await run(['singularity', 'run', 'nothing.sif'])).code).toBe(66);
      const instance = ['exec', 'instance://web', 'ls'];
      expect((await run(['singularity', ...instance])).started).toEqual(instance);
      expect(asked).toEqual([]);
    });
  });

  it('hands every other command on as it is', async () => {
    await onHost(ADMITTED, async ({ run, asked }) => {
      for (const words of [
        [],
        ['--version'],
        ['pull', 'a.sif', 'library://x'],
        ['instance', 'list', '-u', 'x'],
        ['key', 'list', 'exec', 'a.sif'],
        ['exec', '--help'],
      ])
        expect((await run(['singularity', ...words])).started).toEqual(words);
      expect(asked).toEqual([]);
    });
  });

  it('stands in for the program under its name, and finds the real one behind itself', async () => {
    await onHost(ADMITTED, async ({ folder, paths }) => {
      await mkdir(join(folder, 'front'));
      await symlink(door('vouch-run'), join(folder, 'front', 'singularity'));
      const PATH = `${join(folder, 'front')}:${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`;
      const env = { PATH, VOUCH_SOCKET: join(folder, 'admin.sock') };
      const ended = await runDoor(['singularity', 'run', 'a.sif'], { env, cwd: folder });
      expect(ended.stdout).toBe(`STARTED\0run\0${join(folder, 'a.sif')}\0`);
      expect(paths()).toHaveLength(1);
    });
  });

  it('starts without an answer only when it is told to, and says so', async () => {
    const silent = (): Answered => ({ status: 429, body: '{}' });
    const untold = (): Answered => ({ status: 503, body: '20 KEY_STALE old\n' });
    const words = ['singularity', 'run', 'a.sif'];
    const ran = async (answer: () => Answered, open?: string): Promise<Ran> =>
      onHost(answer, ({ run }) => run(words, open === undefined ? {} : { VOUCH_FAIL_OPEN: open }));
    expect(await ran(silent)).toMatchObject({ code: 30, started: undefined });
    expect(await ran(silent, 'yes')).toMatchObject({ code: 30, started: undefined });
    const open = await ran(silent, 'no-answer');
    expect(open.started).toBeDefined();
    expect(open.stderr).toContain('VOUCH_FAIL_OPEN=no-answer');
    expect(await ran(untold, 'no-answer')).toMatchObject({ code: 20, started: undefined });
    expect((await ran(untold, 'undetermined')).started).toBeDefined();
    const refused = (): Answered => ({ status: 403, body: '10 NO_RULE x\n' });
    expect(await ran(refused, 'undetermined')).toMatchObject({ code: 10, started: undefined });
  });
});
