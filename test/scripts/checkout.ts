import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/** Stands in for npm: notes the call, and "installs" the compiler and the bundler of this repository. */
const NPM = `
const fs = require('node:fs');
fs.appendFileSync('npm.log', process.argv.slice(2).join(' ') + '\\n');
if (fs.existsSync('npm.fails')) { console.error('npm says why'); process.exit(7); }
console.log('npm chatter');
fs.rmSync('node_modules', { recursive: true, force: true });
fs.mkdirSync('node_modules');
for (const name of ['typescript', 'rolldown', '@types'])
  fs.symlinkSync(${JSON.stringify(join(REPOSITORY, 'node_modules'))} + '/' + name, 'node_modules/' + name);
fs.copyFileSync('package-lock.json', 'node_modules/.package-lock.json');
`;

const START = `
import { Worker } from 'node:worker_threads';
import { word } from './word.ts';
export async function start(): Promise<void> {
  const thread = new Worker(new URL('./thread.js', import.meta.url), { workerData: word });
  console.log(await new Promise((resolve) => thread.on('message', resolve)));
}
`;

const THREAD = `
import { parentPort, workerData } from 'node:worker_threads';
parentPort?.postMessage('the thread says ' + workerData);
`;

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder with the real set-up scripts, a small program with a thread, and an npm that needs no network. */
export class Checkout {
  readonly root: string = mkdtempSync(join(tmpdir(), 'vouch-setup-'));

  constructor() {
    cpSync(join(REPOSITORY, 'scripts', 'setup.mjs'), this.path('scripts/setup.mjs'));
    cpSync(join(REPOSITORY, 'scripts', 'setup'), this.path('scripts/setup'), { recursive: true });
    this.write('npm/npm-cli.js', NPM);
    this.write('package.json', '{ "type": "module" }');
    this.write('npm/package.json', '{ "type": "commonjs" }');
    this.writeLock('1.0.0');
    this.write(
      'tsconfig.json',
      JSON.stringify({
        compilerOptions: {
          module: 'nodenext',
          target: 'es2023',
          types: ['node'],
          declaration: true,
          rootDir: 'src',
          outDir: 'build',
          rewriteRelativeImportExtensions: true,
        },
        include: ['src'],
      }),
    );
    this.write(
      'src/cli/main.ts',
      "#!/usr/bin/env node\nimport { start } from '../start.ts';\nvoid start();\n",
    );
    this.write('src/start.ts', START);
    this.write('src/thread.ts', THREAD);
    this.write('src/word.ts', "export const word: string = 'first';\n");
  }

  path(name: string): string {
    return join(this.root, name);
  }

  write(name: string, content: string): void {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), content);
  }

  writeLock(version: string): void {
    this.write(
      'package-lock.json',
      JSON.stringify({
        packages: {
          '': { name: 'checkout' },
          'node_modules/one': { version, integrity: `sha512-${version}` },
          'node_modules/other-system': { version: '1.0.0', optional: true },
        },
      }),
    );
  }

  /** One line for each time npm was called. */
  npmCalls(): string[] {
    if (!existsSync(this.path('npm.log'))) return [];
    return readFileSync(this.path('npm.log'), 'utf8').trim().split('\n');
  }

  /** `onStderr` sees all that was written there so far, each time something is. */
  async setup(
    args: readonly string[] = [],
    nodeArgs: readonly string[] = [],
    onStderr: (soFar: string) => void = () => undefined,
  ): Promise<Finished> {
    const child = spawn(process.execPath, [...nodeArgs, this.path('scripts/setup.mjs'), ...args], {
      env: { ...process.env, npm_execpath: this.path('npm/npm-cli.js'), NODE_OPTIONS: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
      onStderr(stderr);
    });
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    return { code, stdout, stderr };
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
