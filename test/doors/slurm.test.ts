import { chmod, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withFakeDaemon } from '../cli/daemon/fake-daemon.ts';
import type { Answered } from '../cli/daemon/fake-daemon.ts';
import { door, runDoor } from './door.ts';

const REFUSED: Answered = { status: 403, body: '11 UNSIGNED nobody\n' };

async function onNode<T>(
  answer: Answered,
  use: (node: { folder: string; env: Record<string, string>; paths: () => string[] }) => Promise<T>,
): Promise<T> {
  return withFakeDaemon(
    () => answer,
    async ({ socketPath, folder: place, asked }) => {
      const folder = await realpath(place);
      const program = join(folder, 'singularity');
      await writeFile(program, '#!/bin/sh\nprintf "%s\\0" "$@"\n');
      await chmod(program, 0o755);
      await writeFile(join(folder, 'a.sif'), 'x');
      const env = {
        PATH: `${folder}:${process.env['PATH'] ?? ''}`,
        VOUCH_SOCKET: socketPath,
        VOUCH_RUN: door('vouch-run'),
        VOUCH_GATE: door('vouch-gate'),
      };
      return use({ folder, env, paths: () => asked.map(({ octets }) => octets.toString()) });
    },
  );
}

describe('the wrapper of the SPANK plugin', () => {
  it('starts an admitted image with the flags and binds that the plugin hands over', async () => {
    await onNode({ status: 204 }, async ({ folder, env }) => {
      const given = {
        SLURM_SINGULARITY_GLOBAL: '--silent',
        SLURM_SINGULARITY_ARGS: '--no-home --env A=*',
        SLURM_SINGULARITY_BIND: '/srv,/my data',
      };
      const words = [door('slurm-singularity-wrapper.sh'), join(folder, 'a.sif'), 'echo', 'a b', '--', '-x'];
      const { code, stdout } = await runDoor(words, { env: { ...env, ...given }, cwd: folder });
      expect(code).toBe(0);
      expect(stdout.split('\0').slice(0, -1)).toEqual([
        '--silent',
        'exec',
        '--bind=/srv,/my data',
        '--no-home',
        '--env',
        'A=*',
        '--',
        join(folder, 'a.sif'),
        'echo',
        'a b',
        '--',
        '-x',
      ]);
    });
  });

  it('ends the step, and nothing else, when the image is refused', async () => {
    await onNode(REFUSED, async ({ folder, env }) => {
      const words = [door('slurm-singularity-wrapper.sh'), join(folder, 'a.sif'), 'true'];
      const { code, stdout, stderr } = await runDoor(words, { env });
      expect({ code, stdout }).toEqual({ code: 11, stdout: '' });
      expect(stderr).toContain('UNSIGNED nobody');
    });
  });
});

describe('the Prolog that has images read', () => {
  const prolog = async (env: Record<string, string>, comment?: string): Promise<number | null> => {
    const given = comment === undefined ? env : { ...env, SLURM_JOB_COMMENT: comment };
    const ended = await runDoor([door('slurm-prolog-warm.sh')], { env: given });
    expect(ended).toMatchObject({ stdout: '', stderr: '' });
    return ended.code;
  };

  it('asks for the images of the comment and exits 0 although they are refused', async () => {
    await onNode(REFUSED, async ({ folder, env, paths }) => {
      const image = join(folder, 'a.sif');
      expect(await prolog(env, `project=x ${image} relative.sif ; $(touch owned).sif /*.sif`)).toBe(0);
      expect(paths()).toEqual([image]);
    });
  });

  it('exits 0 without a comment, without a daemon, without a gate, and for a thousand images', async () => {
    await onNode(REFUSED, async ({ folder, env, paths }) => {
      expect(await prolog(env)).toBe(0);
      expect(await prolog({ ...env, VOUCH_SOCKET: '/nowhere' }, join(folder, 'a.sif'))).toBe(0);
      expect(await prolog({ ...env, VOUCH_GATE: '/nowhere' }, join(folder, 'a.sif'))).toBe(0);
      expect(await prolog(env, `${join(folder, 'a.sif')} `.repeat(1000))).toBe(0);
      expect(paths().length).toBeLessThanOrEqual(8);
    });
  });
});
