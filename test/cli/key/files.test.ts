/* The files and the words of other programs: gpg reads what is written, a terminal shows no passphrase. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { makeCertificate } from '../../fixtures/test-key.ts';
import { vouch } from '../vouch.ts';
import { listed, newHost, newKey } from './keys.ts';

const MAIN = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

interface Output {
  readonly code: number | null;
  readonly text: string;
}

function program(
  file: string,
  words: readonly string[],
  env: Record<string, string>,
  typed: readonly [RegExp, string][] = [],
): Promise<Output> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, words, { env: { PATH: process.env['PATH'], ...env } });
    let text = '';
    const left = [...typed];
    const onData = (chunk: Buffer): void => {
      text += chunk.toString();
      const [next] = left;
      if (next === undefined || !next[0].test(text)) return;
      left.shift();
      child.stdin.write(next[1]);
    };
    child.stdout.on('data', onData);
    child.stderr.on('data', onData);
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, text }));
    if (typed.length === 0) child.stdin.end();
  });
}

describe('the keyrings that are written', () => {
  it.skipIf(!existsSync('/usr/bin/gpg'))(
    'can be imported by gpg, the secret ones too (needs gpg)',
    async () => {
      const host = await newHost();
      const fingerprint = await newKey(host, 'Ann');
      const gnupg = join(host.home, 'gnupg');
      await mkdir(gnupg, { mode: 0o700 });
      const env = { HOME: host.home, GNUPGHOME: gnupg };
      for (const file of ['pgp-public', 'pgp-secret']) {
        const { code, text } = await program(
          '/usr/bin/gpg',
          ['--batch', '--import', join(host.keys, file)],
          env,
        );
        expect({ code, text }).toMatchObject({ code: 0 });
      }
      const { text } = await program('/usr/bin/gpg', ['--batch', '--with-colons', '--list-secret-keys'], env);
      expect(text).toContain(`fpr:::::::::${fingerprint}:`);
      expect(text).toContain('Ann <ann@example.org>');
      await program('gpgconf', ['--kill', 'all'], env);
    },
  );

  it('go where the variables of Singularity and Apptainer point', async () => {
    const host = await newHost();
    const [s, a] = [join(host.home, 's'), join(host.home, 'a')];
    const { bytes } = makeCertificate();
    await host.run(['import', '-'], { stdin: bytes, env: { SINGULARITY_SYPGPDIR: s } });
    await host.run(['import', '-'], { stdin: bytes, env: { APPTAINER_KEYSDIR: a } });
    expect(await readFile(join(s, 'pgp-public'))).toEqual(await readFile(join(a, 'pgp-public')));
  });

  it('are made private again, with the warning that Singularity gives', async () => {
    const host = await newHost();
    await host.run(['import', '-'], { stdin: makeCertificate().bytes });
    await chmod(host.keys, 0o755);
    expect((await host.run(['list'])).stderr).toBe(
      `WARNING: Directory mode (755) on ${host.keys} needs to be 700, fixing that...\n`,
    );
    expect((await stat(host.keys)).mode & 0o777).toBe(0o700);
  });
});

describe('passphrases', () => {
  const words = ['newpair', '-N', 'Ann', '-E', 'ann@example.org', '-C', '', '--algorithm', 'ed25519'];

  it.skipIf(!existsSync('/usr/bin/script'))('are not shown when they are typed (needs script)', async () => {
    const host = await newHost();
    const command = [
      process.execPath,
      MAIN,
      'key',
      ...words.slice(0, -4),
      '-C',
      'x',
      '--algorithm',
      'ed25519',
    ].join(' ');
    const { code, text } = await program(
      '/usr/bin/script',
      ['-qec', command, '/dev/null'],
      { HOME: host.home, TERM: 'dumb' },
      [
        [/Enter a passphrase : $/, 'hunterX\u007f2\r'],
        [/Retype your passphrase : $/, 'hunter2\r'],
      ],
    );
    expect({ code, text }).toMatchObject({ code: 0 });
    expect(text).not.toContain('hunter');
    const [key] = await listed(host, ['-s']);
    expect(key?.locked).toBe(true);
    const changed = join(host.home, 'changed');
    await host.run(['export', '-s', '--fingerprint', key?.fingerprint ?? '', changed]);
    const elsewhere = await newHost();
    const opened = await elsewhere.run(['import', changed, '--new-password'], { stdin: 'hunter2\nn\nn\n' });
    expect(opened.code).toBe(0);
  });

  it('are warned of on the command line, where other users can read them', async () => {
    const host = await newHost();
    const { code, stderr } = await host.run([...words, '--password', 'hunter2']);
    expect(code).toBe(0);
    expect(stderr).toContain('other users of this machine can read --password');
    expect(stderr).not.toContain('hunter2');
    expect((await listed(host, ['-s']))[0]?.locked).toBe(true);
  });

  it('may be empty, with a warning: on the command line, or when that is answered with yes', async () => {
    const host = await newHost();
    const named = await host.run([...words, '--password', '']);
    expect(named).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('your key is not secure') as string,
    });
    const asked = await host.run(words, { stdin: '\n\ny\n' });
    expect(asked.stderr).toContain('Do you want to continue? [y/n] ');
    expect((await listed(host, ['-s'])).map(({ locked }) => locked)).toEqual([false, false]);
    expect((await host.run(words, { stdin: '\n\nn\n' })).code).toBe(64);
    expect((await host.run(words, { stdin: 'a\nb\na\nb\na\nb\n' })).stderr).toContain(
      'not the same, 3 times',
    );
    expect((await host.run(words)).stderr).toContain('stdin ended where an answer was needed');
    expect(await listed(host, ['-s'])).toHaveLength(2);
  });

  it('come from a file or from standard input, its first line', async () => {
    const host = await newHost();
    expect(
      (await host.run([...words, '--password-file', '-'], { stdin: 'hunter2\r\nnot this\n' })).code,
    ).toBe(0);
    expect((await listed(host, ['-s']))[0]?.locked).toBe(true);
    expect((await host.run([...words, '--password-file', join(host.home, 'none')])).code).toBe(77);
    expect((await host.run([...words, '--password-file', '-', '-P', 'x'])).code).toBe(64);
    // What else is asked for cannot come from there any more.
    const rest = await host.run(['newpair', '--password-file', '-'], { stdin: 'hunter2\nAnn\n' });
    expect(rest).toMatchObject({ code: 64, stderr: expect.stringContaining('stdin ended') as string });
  });
});

it('is called keys as well', async () => {
  const host = await newHost();
  const { code, stdout } = await vouch(['keys', 'list'], { env: { HOME: host.home } });
  expect(code).toBe(0);
  expect(stdout.toString()).toBe(`Public key listing (${join(host.keys, 'pgp-public')}):\n\n`);
});

it('tells nobody to push to nowhere, and keeps the key when the push fails', async () => {
  const host = await newHost();
  const words = [
    'newpair',
    '-N',
    'Ann',
    '-E',
    'ann@example.org',
    '-C',
    '',
    '--algorithm',
    'ed25519',
    '--password',
    '',
  ];
  expect(await host.run([...words, '--push'])).toMatchObject({ code: 64, stdout: '' });
  const failed = await host.run([...words, '--push', '--url', 'http://127.0.0.1:9']);
  // Singularity ends with 0 here.
  expect(failed.code).toBe(69);
  expect(failed.stderr).toContain('Failed to push newly created key to keystore: ');
  expect(await listed(host)).toHaveLength(1);
});
