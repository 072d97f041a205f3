/*
 * A host to attack: a folder with keys, images and a policy, and a real trust daemon that is asked over its socket.
 * Every test sets the policy that it needs and uses names of its own, so that many can share one daemon.
 */
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Decision } from '../../../src/admission/decision.ts';
import { askUnix } from '../../http/ask-unix.ts';
import type { UnixAnswer } from '../../http/ask-unix.ts';
import { vouch } from '../../cli/vouch.ts';
import type { Ended } from '../../cli/vouch.ts';
import { buildImage } from '../../fixtures/sif-image.ts';
import type { ObjectSpec } from '../../fixtures/sif-image.ts';
import type { TestCertificate, TestKey } from '../../fixtures/test-key.ts';
import { policyText } from './attack-policy.ts';
import type { PolicyParts } from './attack-policy.ts';
import { signedImage } from './signed-image.ts';

/** The built program, which is what is attacked. */
export const MAIN: string = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

export const IS_ROOT: boolean = process.getuid?.() === 0;

export interface AttackHostOptions {
  readonly keystores?: readonly string[];
  /** Lines for the end of the settings; begin with the keys of no table. */
  readonly settings?: string;
  /** Words that run the program, after its folder: `prlimit … node`, `node --import …`. */
  readonly prefix?: (folder: string) => readonly string[];
  /** What is in the folder before the daemon starts. */
  readonly prepare?: (host: AttackHost) => Promise<void>;
}

/** An answer with what tests look at. */
export type Answer = Decision & { readonly codes: readonly string[] };

export class AttackHost {
  readonly folder: string;
  readonly images: string;
  readonly keys: string;
  readonly config: string;
  readonly socket: string;
  readonly #options: AttackHostOptions;
  #daemon: ChildProcess | undefined;
  #ended: Promise<number | null> = Promise.resolve(null);
  #stderr = '';
  #serial = 0;
  #count = 0;

  private constructor(folder: string, options: AttackHostOptions) {
    this.folder = folder;
    this.images = join(folder, 'images');
    this.keys = join(folder, 'keys');
    this.config = join(folder, 'daemon.toml');
    this.socket = join(folder, 'run/admin.sock');
    this.#options = options;
  }

  static async start(options: AttackHostOptions = {}): Promise<AttackHost> {
    const host = await AttackHost.prepare(options);
    await host.begin();
    return host;
  }

  /** Everything but the daemon. */
  static async prepare(options: AttackHostOptions = {}): Promise<AttackHost> {
    const host = new AttackHost(await realpath(await mkdtemp(join(tmpdir(), 'vouch-attack-'))), options);
    for (const folder of [host.images, host.keys]) await mkdir(folder, { mode: 0o700 });
    await host.setKeystores(options.keystores ?? []);
    await host.writePolicy({});
    await options.prepare?.(host);
    return host;
  }

  /** Writes the settings, with these addresses of keystores. */
  async setKeystores(
    keystores: readonly string[],
    settings: string = this.#options.settings ?? '',
  ): Promise<void> {
    const lines = [
      `state = "${this.folder}/state"`,
      `keys = "${this.keys}"`,
      `keystores = ${JSON.stringify(keystores)}`,
      settings,
    ];
    await writeFile(this.config, `${lines.join('\n')}\n`, { mode: 0o600 });
  }

  /** Starts the daemon, or starts it again. */
  async begin(more: readonly string[] = []): Promise<void> {
    const words = ['daemon', '--config', this.config, '--socket', this.socket, ...more];
    const prefix = this.#options.prefix?.(this.folder) ?? [process.execPath];
    const [program = '', ...args] = [...prefix, MAIN, ...words];
    const child = spawn(program, args, {
      env: { PATH: process.env['PATH'] },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#daemon = child;
    this.#stderr = '';
    this.#ended = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    child.stderr.on('data', (chunk: Buffer) => (this.#stderr += chunk.toString()));
    await new Promise<void>((resolve, reject) => {
      let out = '';
      child.stdout.on('data', (chunk: Buffer) => {
        out += chunk.toString();
        if (/^Vouch daemon: /m.test(out)) resolve();
      });
      const gone = (): void => reject(new Error(`the daemon ended: ${out}${this.#stderr}`));
      this.#ended.then(gone, reject);
    });
  }

  get pid(): number {
    return this.#daemon?.pid ?? 0;
  }

  get stderr(): string {
    return this.#stderr;
  }

  signal(name: NodeJS.Signals): void {
    this.#daemon?.kill(name);
  }

  /** Ends the daemon; its exit code, or null after a signal. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.signal(signal);
    return this.#ended;
  }

  /** What the daemon, which has ended, remembers. */
  async forget(): Promise<void> {
    await rm(join(this.folder, 'state'), { recursive: true, force: true });
  }

  async remove(): Promise<void> {
    await this.end();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** A name that no other test has. */
  name(): string {
    return `n${(this.#count += 1)}`;
  }

  /** A path of its own for an image, and the image there. */
  async image(octets: Uint8Array, name: string = this.name()): Promise<string> {
    const path = join(this.images, `${name}.sif`);
    await writeFile(path, octets, { mode: 0o644 });
    return path;
  }

  /** An image that these keys signed as Go does. */
  async signed(...keys: readonly TestKey[]): Promise<string> {
    return this.image(signedImage(...keys));
  }

  /** Puts certificates into the folder of keys, and waits until the daemon has read them. */
  async addKeys(...certificates: readonly Pick<TestCertificate, 'armored' | 'fingerprint'>[]): Promise<void> {
    for (const { armored } of certificates) {
      await writeFile(join(this.keys, `${this.name()}.asc`), armored, { mode: 0o600 });
    }
    if (this.#daemon === undefined) return;
    const added = certificates.map(({ fingerprint }) => fingerprint);
    await until(
      () => this.keyStates(),
      (keys) => added.every((one) => keys.some(({ fingerprint, local }) => local && fingerprint === one)),
    );
  }

  async keyStates(): Promise<readonly KeyState[]> {
    return (await this.get<{ readonly keys: readonly KeyState[] }>('/v1/keys')).keys;
  }

  /** The text of a policy with one more serial than the last. */
  policyText(parts: PolicyParts): string {
    return policyText(parts, { serial: (this.#serial += 1), images: this.images });
  }

  async writePolicy(parts: PolicyParts | string): Promise<void> {
    const text = typeof parts === 'string' ? parts : this.policyText(parts);
    await writeFile(join(this.folder, 'policy.toml'), text, { mode: 0o600 });
  }

  /** A policy in force, and the keys read again. */
  async use(parts: PolicyParts | string): Promise<void> {
    await this.writePolicy(parts);
    const { status, text } = await this.post('/v1/policy/reload');
    if (status !== 200) throw new Error(`${status} ${text}`);
    await this.refresh();
  }

  /** The keys of these certificates, known here, may each admit an image. */
  async trust(
    certificates: Readonly<Record<string, TestCertificate>>,
    parts: PolicyParts = {},
  ): Promise<void> {
    await this.addKeys(...Object.values(certificates));
    const signers = Object.entries(certificates).map(([name, { fingerprint }]) => [name, [fingerprint]]);
    await this.use({ signers: Object.fromEntries(signers) as Record<string, string[]>, ...parts });
  }

  async refresh(): Promise<RefreshAnswer> {
    const { status, text } = await this.post('/v1/keys/refresh', {});
    if (status !== 200) throw new Error(`${status} ${text}`);
    return JSON.parse(text) as RefreshAnswer;
  }

  post(path: string, body?: unknown): Promise<UnixAnswer> {
    return askUnix(this.socket, { method: 'POST', path, ...(body !== undefined && { body }) });
  }

  async get<T>(path: string): Promise<T> {
    return JSON.parse((await askUnix(this.socket, { path })).text) as T;
  }

  gate(path: string, more = ''): Promise<UnixAnswer> {
    return askUnix(this.socket, { path: `/v1/gate?path=${encodeURIComponent(path)}${more}` });
  }

  /** Asks about a path, or about what else an image can be named by. */
  async admit(image: unknown, more: Readonly<Record<string, unknown>> = {}): Promise<Answer> {
    return admitAt(this.socket, image, more);
  }

  /** What becomes of an image of these objects under this policy. */
  async judge(objects: readonly ObjectSpec[], policy: PolicyParts): Promise<Answer> {
    await this.use(policy);
    return this.admit(await this.image(buildImage(objects)));
  }

  /** The sum of a metric over its labels. */
  async metric(name: string): Promise<number> {
    const { text } = await askUnix(this.socket, { path: '/metrics' });
    const lines = text.split('\n').filter((line) => new RegExp(`^${name}[ {]`).test(line));
    if (lines.length === 0) throw new Error(`there is no metric ${name}`);
    return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }

  /** `vouch` with these words, asking this daemon where it asks one. */
  vouch(...words: readonly string[]): Promise<Ended> {
    return vouch(words, { env: { VOUCH_SOCKET: this.socket, HOME: this.folder } });
  }
}

/** What `GET /v1/keys` tells of a key. */
export interface KeyState {
  readonly fingerprint: string;
  readonly local: boolean;
  readonly remote: boolean;
  readonly state: string;
  readonly standing: {
    readonly last_answer?: string;
    readonly rollback: boolean;
    readonly conflict: boolean;
  };
}

export interface RefreshAnswer {
  readonly asked: number;
  readonly changed: readonly string[];
  readonly failed: readonly { readonly keystore: string; readonly message: string }[];
}

export async function admitAt(
  socket: string,
  image: unknown,
  more: Readonly<Record<string, unknown>> = {},
): Promise<Answer> {
  const body = { images: [typeof image === 'string' ? { path: image } : image], ...more };
  const { status, text } = await askUnix(socket, { path: '/v1/admit', body });
  if (status !== 200) throw new Error(`${status} ${text}`);
  const decision = JSON.parse(text) as Decision;
  return { ...decision, codes: decision.reasons.map(({ code }) => code) };
}

/** Asks until the answer is as wanted. */
export async function until<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (wanted(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
