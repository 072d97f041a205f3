/* Runs `vouch verify` and `vouch sign` as processes on hosts with keyrings of their own. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Packet } from '../../src/openpgp/packet.ts';
import { buildImage, twoObjects, withSignature } from '../fixtures/sif-image.ts';
import type { ObjectSpec } from '../fixtures/sif-image.ts';
import { keyring, TestKey, userId } from '../fixtures/test-key.ts';
import type { SignOptions } from '../fixtures/test-key.ts';
import { serve, vouch } from './vouch.ts';
import type { Served } from './vouch.ts';

export interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class ImageHost {
  readonly home: string;

  constructor(home: string) {
    this.home = home;
  }

  static async create(): Promise<ImageHost> {
    const home = await mkdtemp(join(tmpdir(), 'vouch-image-'));
    onTestFinished(() => rm(home, { recursive: true, force: true }));
    await mkdir(join(home, '.singularity'), { mode: 0o700 });
    await mkdir(join(home, '.singularity', 'sypgp'), { mode: 0o700 });
    return new ImageHost(home);
  }

  path(name: string): string {
    return join(this.home, name);
  }

  get publicRing(): string {
    return this.path('.singularity/sypgp/pgp-public');
  }

  async holds(...certificates: Uint8Array[]): Promise<void> {
    await writeFile(this.publicRing, Buffer.concat(certificates), { mode: 0o600 });
  }

  async holdsSecrets(...keys: Uint8Array[]): Promise<void> {
    await writeFile(this.path('.singularity/sypgp/pgp-secret'), Buffer.concat(keys), { mode: 0o600 });
  }

  async has(name: string, image: Uint8Array): Promise<string> {
    await writeFile(this.path(name), image);
    return this.path(name);
  }

  async run(words: readonly string[], stdin = '', env: Record<string, string> = {}): Promise<Said> {
    const ended = await vouch(words, { stdin: Buffer.from(stdin), env: { HOME: this.home, ...env } });
    return { code: ended.code, stdout: ended.stdout.toString(), stderr: ended.stderr };
  }

  verify(...words: string[]): Promise<Said> {
    return this.run(['verify', ...words]);
  }
}

/** A signer, and the packets of the certificate that says so. */
export class Signer {
  readonly key: TestKey;
  readonly name: string;
  readonly #self: SignOptions;

  constructor(name: string, self: SignOptions = {}) {
    this.key = new TestKey();
    this.name = name;
    this.#self = self;
  }

  certificate(...more: Packet[]): Uint8Array {
    const packet = userId(this.name);
    return keyring(this.key.key.packet, ...more, packet, this.key.certify(packet, this.#self));
  }

  revoked(): Uint8Array {
    return this.certificate(this.key.revoke());
  }

  /** Octets of an image with a signature of group 1. */
  image(objects: ObjectSpec[] = twoObjects()): Buffer {
    return buildImage(withSignature(this.key, objects));
  }
}

export async function keystore(): Promise<Served> {
  const data = await mkdtemp(join(tmpdir(), 'vouch-keystore-'));
  const served = await serve(data);
  onTestFinished(async () => {
    served.process.kill('SIGKILL');
    await served.ended;
    await rm(data, { recursive: true, force: true });
  });
  return served;
}
