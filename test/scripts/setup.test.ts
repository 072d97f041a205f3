import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Checkout } from './checkout.ts';

const INSTALLING = 'setup: installing dependencies (npm ci)\n';
const BUILDING = 'setup: building dist (tsc, rolldown)\n';

let checkout: Checkout;

beforeEach(() => {
  checkout = new Checkout();
});

afterEach(() => {
  checkout.remove();
});

describe('setup in a fresh clone', () => {
  it('installs and builds, says so on stderr, and keeps stdout clean', async () => {
    const { code, stdout, stderr } = await checkout.setup();
    expect(code).toBe(0);
    expect(stdout).toBe('');
    expect(stderr).toBe(`${INSTALLING}npm chatter\n${BUILDING}`);
    expect(readFileSync(checkout.path('dist/cli/main.js'), 'utf8')).toContain('first');
    expect(statSync(checkout.path('dist/cli/main.js')).mode & 0o111).not.toBe(0);
  });

  it('installs the development dependencies whatever NODE_ENV says', async () => {
    await checkout.setup();
    expect(checkout.npmCalls()).toEqual([expect.stringContaining('--include=dev')]);
  });

  it('does each step once when two begin together, and leaves no lock', async () => {
    const both = await Promise.all([checkout.setup(), checkout.setup()]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(checkout.npmCalls()).toHaveLength(1);
    expect(both.filter(({ stderr }) => stderr.includes(BUILDING))).toHaveLength(1);
    expect(readdirSync(checkout.root).filter((name) => name.includes('.lock'))).toEqual([]);
  });

  it('takes over the lock of a process that is gone', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', '0']);
    writeFileSync(checkout.path('.setup.lock'), `${hostname()} ${pid}\n`);
    const { code, stderr } = await checkout.setup();
    expect(code).toBe(0);
    expect(stderr).not.toContain('waiting');
    expect(existsSync(checkout.path('.setup.lock'))).toBe(false);
  });

  it('waits for a setup that is alive', async () => {
    writeFileSync(checkout.path('.setup.lock'), `${hostname()} ${process.pid}\n`);
    const { code, stderr } = await checkout.setup([], [], (soFar) => {
      if (soFar.includes('waiting')) rmSync(checkout.path('.setup.lock'), { force: true });
    });
    expect(code).toBe(0);
    expect(stderr).toContain(`setup: waiting for process ${process.pid}`);
  });
});

describe('setup in a folder that is set up', () => {
  beforeEach(async () => {
    await checkout.setup();
  });

  it('says and does nothing', async () => {
    const { code, stdout, stderr } = await checkout.setup();
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(checkout.npmCalls()).toHaveLength(1);
  });

  it('installs again when the lock file names another version', async () => {
    checkout.writeLock('2.0.0');
    const { stderr } = await checkout.setup();
    expect(stderr).toContain(INSTALLING);
  });

  it('installs again after an install that was cut short', async () => {
    rmSync(checkout.path('node_modules/.package-lock.json'));
    const { stderr } = await checkout.setup();
    expect(stderr).toContain(INSTALLING);
  });

  it('builds again when a source changed', async () => {
    checkout.write('src/word.ts', "export const word: string = 'second';\n");
    const { stderr } = await checkout.setup();
    expect(stderr).toBe(BUILDING);
    expect(readFileSync(checkout.path('dist/cli/main.js'), 'utf8')).toContain('second');
  });

  it('builds again when the way of building changed', async () => {
    const bundle = checkout.path('scripts/setup/bundle.mjs');
    writeFileSync(bundle, `${readFileSync(bundle, 'utf8')}// Changed.\n`);
    const { stderr } = await checkout.setup();
    expect(stderr).toBe(BUILDING);
  });

  it.each(['build/word.js', 'dist/cli/main.js', 'dist/thread.js'])(
    'builds again when %s is missing',
    async (output) => {
      rmSync(checkout.path(output));
      const { stderr } = await checkout.setup();
      expect(stderr).toBe(BUILDING);
      expect(existsSync(checkout.path(output))).toBe(true);
    },
  );

  it('makes a program that finds its threads', () => {
    const { stdout } = spawnSync(process.execPath, [checkout.path('dist/cli/main.js')], { encoding: 'utf8' });
    expect(stdout).toBe('the thread says first\n');
  });

  it('builds again when it is told to', async () => {
    const { stderr } = await checkout.setup(['--rebuild']);
    expect(stderr).toBe(BUILDING);
  });

  it('drops outputs whose source is gone', async () => {
    const main = readFileSync(checkout.path('src/cli/main.ts'), 'utf8');
    const outputs = ['build/old/gone.js', 'dist/parts/gone.js'].map((name) => checkout.path(name));
    const there = (): boolean[] => outputs.map((output) => existsSync(output));
    checkout.write('src/old/gone.ts', 'export const gone: number = 1;\n');
    checkout.write('src/cli/main.ts', `${main}void import('../old/gone.ts').then(console.log);\n`);
    await checkout.setup();
    expect(there()).toEqual([true, true]);
    rmSync(checkout.path('src/old'), { recursive: true });
    checkout.write('src/cli/main.ts', main);
    await checkout.setup();
    expect(there()).toEqual([false, false]);
    expect(existsSync(checkout.path('build/old'))).toBe(false);
    expect(existsSync(checkout.path('build/word.js'))).toBe(true);
  });

  it('fails with one line and keeps the last good build when a source does not compile', async () => {
    checkout.write('src/word.ts', 'export const word: string = 1;\n');
    const { code, stderr } = await checkout.setup();
    expect(code).toBe(1);
    expect(stderr).toContain('TS2322');
    expect(stderr).toMatch(/\nsetup: the build failed[^\n]*\n$/);
    expect(readFileSync(checkout.path('dist/cli/main.js'), 'utf8')).toContain('first');
    expect((await checkout.setup()).code).toBe(1);
  });
});

describe('setup that cannot go on', () => {
  it('shows what npm said, then one line, and exits 1', async () => {
    checkout.write('npm.fails', '');
    const { code, stderr } = await checkout.setup();
    expect(code).toBe(1);
    expect(stderr).toMatch(/npm says why\nsetup: npm ci failed \(exit 7\)[^\n]*\n$/);
  });

  it('refuses a Node.js that is too old with one line and exit 78, before anything else', async () => {
    for (const version of ['18.20.4', '20.18.3', '22.11.0', '23.9.0']) {
      const { code, stderr } = await asNode(version);
      expect([version, code]).toEqual([version, 78]);
      expect(stderr).toMatch(new RegExp(`^setup: [^\\n]*${version}[^\\n]*\\n$`));
    }
    expect(checkout.npmCalls()).toEqual([]);
  });

  it('accepts the versions of package.json', async () => {
    const engines: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(engines).toMatchObject({ engines: { node: '^20.19.0 || ^22.12.0 || >=24.0.0' } });
    for (const version of ['20.19.0', '22.12.0', '24.0.0', '26.1.0']) {
      expect([version, (await asNode(version)).code]).toEqual([version, 0]);
    }
  });

  it('exits 64 on an argument it does not know', async () => {
    expect((await checkout.setup(['--fast'])).code).toBe(64);
  });
});

function asNode(version: string): ReturnType<Checkout['setup']> {
  checkout.write(
    'as-node.cjs',
    `Object.defineProperty(process.versions, 'node', { value: '${version}' });\n`,
  );
  return checkout.setup([], ['--require', checkout.path('as-node.cjs')]);
}
