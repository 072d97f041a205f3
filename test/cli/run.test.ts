import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { vouch } from './vouch.ts';

const { version }: { version: string } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
);

describe('vouch', () => {
  it('says its version, alone and among other flags', async () => {
    expect(await vouch(['--version'])).toMatchObject({
      code: 0,
      stdout: Buffer.from(`vouch ${version}\n`),
      stderr: '',
    });
    expect(await vouch(['--version', '--debug'])).toMatchObject({
      code: 0,
      stdout: Buffer.from(`vouch ${version}\n`),
    });
  });

  it('explains itself and each command on stdout', async () => {
    const { code, stdout, stderr } = await vouch(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.toString()).toMatch(/vouch serve[\s\S]*vouch keystore/);
    const load = await vouch(['keystore', 'load', '--help']);
    expect(load.code).toBe(0);
    for (const flag of ['--restart', '--refused', '--data', '--json'])
      expect(load.stdout.toString()).toContain(flag);
  });

  it.each([
    [[], 'name a command', 'vouch serve|keystore'],
    [['serv'], 'did you mean serve?', 'vouch serve|keystore'],
    [['keystore'], 'name a command', 'vouch keystore status|check|dump|load'],
    [['keystore', 'lod'], 'did you mean load?', 'vouch keystore status|check|dump|load'],
    [['keystore', 'load'], 'FILE or DIR is missing', 'vouch keystore load FILE'],
    [['keystore', 'dump', 'a', 'b'], 'unknown command or argument b', 'vouch keystore dump'],
    [['keystore', 'dump', '--per-fil', '3'], 'did you mean --per-file?', 'vouch keystore dump'],
    [['serve', '--lisen', 'x'], 'did you mean --listen?', 'vouch serve [--listen'],
    [['serve', '--lisen=x'], 'did you mean --listen?', 'vouch serve [--listen'],
    [['serve', '--xyzzy'], 'unknown flag --xyzzy\n', 'vouch serve [--listen'],
    [['serve', '--listen'], '--listen needs a value', 'vouch serve [--listen'],
    [['serve', '--data', 'a', '--data', 'b'], '--data is given twice', 'vouch serve [--listen'],
    [['keystore', 'dump', 'a', '--output-dir', 'b'], 'not both', ''],
    [['keystore', 'dump', 'a', '--per-file', '3'], '--per-file needs --output-dir', ''],
    [['keystore', 'dump', '--output-dir', 'b', '--per-file', '0'], 'above 0', ''],
    [['keystore', 'dump', '--output-dir', 'b', '--per-file', 'x'], 'above 0', ''],
    [['keystore', 'dump', '--json'], '--json', ''],
  ])('says what is wrong with %j, how it is used, and exits 64', async (words, message, usage) => {
    const { code, stdout, stderr } = await vouch(words);
    expect(code).toBe(64);
    expect(stdout.toString()).toBe('');
    expect(stderr).toContain(message);
    expect(stderr).toContain(usage === '' ? '' : `\nUsage: ${usage}`);
    expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(2);
  });

  it('does not let a word of the command line move the cursor', async () => {
    const { stderr } = await vouch(['\u001b[2J\u202e']);
    expect(stderr).not.toContain('\u001b');
    expect(stderr).not.toContain('\u202e');
  });

  it('shows where an error comes from with --debug or VOUCH_DEBUG, and only then', async () => {
    const words = ['serve', '--listen', 'nonsense'];
    const plain = await vouch(words);
    expect(plain.stderr.trim().split('\n')).toHaveLength(1);
    for (const { code, stderr } of [
      await vouch([...words, '--debug']),
      await vouch(words, { env: { VOUCH_DEBUG: '1' } }),
    ]) {
      expect(code).toBe(78);
      expect(stderr).toMatch(/\n\s+at /);
    }
  });
});
