import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { withFakeDaemon } from '../cli/daemon/fake-daemon.ts';
import type { Answered } from '../cli/daemon/fake-daemon.ts';
import { door, runDoor } from './door.ts';
import type { DoorEnded } from './door.ts';

const SIF = 'application/vnd.sylabs.sif.layer.v1.sif';
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const IMAGE = 'ab'.repeat(32);

const sha256 = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;
const manifest = (...layers: readonly { mediaType: string; digest: string }[]): string =>
  JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST, layers });
const GOOD = manifest({ mediaType: SIF, digest: `sha256:${IMAGE}` });

/** What the registry has, by path; what it wants. */
const held = new Map<string, string>();
let wantsToken = false;
let asked: string[] = [];
let host = '';

const registry = createServer((request, response) => {
  asked.push(request.url ?? '');
  if (request.url?.startsWith('/token') === true) {
    response.end('{"token":"t0"}');
    return;
  }
  if (wantsToken && request.headers.authorization !== 'Bearer t0') {
    response.setHeader('WWW-Authenticate', `Bearer realm="http://${host}/token",service="s",scope="pull"`);
    response.writeHead(401).end();
    return;
  }
  const body = held.get(request.url ?? '');
  if (body === undefined) response.writeHead(404).end();
  else response.end(body);
});

beforeAll(
  () =>
    new Promise<void>((resolve) => {
      registry.listen(0, '127.0.0.1', () => {
        host = `127.0.0.1:${(registry.address() as AddressInfo).port}`;
        resolve();
      });
    }),
);
afterAll(() => void registry.close());
beforeEach(() => {
  held.clear();
  wantsToken = false;
  asked = [];
});

interface Question {
  readonly text?: string;
  readonly digest?: string;
  readonly descriptor?: string;
  readonly answer?: Answered;
  readonly promoted?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

async function verifier(question: Question = {}): Promise<DoorEnded & { gated: readonly string[] }> {
  const { text = GOOD, promoted = true } = question;
  const digest = question.digest ?? sha256(text);
  if (!held.has(`/v2/tools/a/manifests/${digest}`)) held.set(`/v2/tools/a/manifests/${digest}`, text);
  const descriptor =
    question.descriptor ?? JSON.stringify({ mediaType: MANIFEST, digest, size: text.length });
  return withFakeDaemon(
    () => question.answer ?? { status: 204, headers: { 'Vouch-Path': '/x' } },
    async ({ socketPath, folder, asked: questions }) => {
      await mkdir(join(folder, IMAGE.slice(0, 2)), { recursive: true });
      if (promoted) await writeFile(join(folder, IMAGE.slice(0, 2), `${IMAGE}.sif`), 'x');
      const words = ['-name', `${host}/tools/a:1.0`, '-digest', digest, '-stdin-media-type', 'x'];
      const env = { VOUCH_SOCKET: socketPath, VOUCH_STORE: folder, ...question.env };
      const command = [process.execPath, door('containerd-verifier.mjs'), ...words];
      const ended = await runDoor(command, { env, stdin: descriptor });
      return { ...ended, gated: questions.map(({ octets }) => octets.toString()) };
    },
  );
}

describe('containerd-verifier', () => {
  it('allows a SIF image that is in the store and admitted, by its digest', async () => {
    const ended = await verifier();
    expect(ended).toMatchObject({ code: 0, stdout: '' });
    expect(ended.gated).toEqual([expect.stringMatching(new RegExp(`/ab/${IMAGE}\\.sif$`))]);
  });

  it('gets the token that a registry gives to strangers', async () => {
    wantsToken = true;
    expect((await verifier()).code).toBe(0);
    expect(asked).toContain('/token?service=s&scope=pull');
  });

  it('refuses as the daemon does, with its reason on stdout', async () => {
    const answer = { status: 403, body: '12 KEY_REVOKED_HARD gone\n' };
    expect(await verifier({ answer })).toMatchObject({ code: 12, stdout: 'KEY_REVOKED_HARD gone\n' });
  });

  it('refuses an image that nobody has promoted: its bytes are not known', async () => {
    const ended = await verifier({ promoted: false });
    expect(ended).toMatchObject({ code: 10, gated: [] });
    expect(ended.stdout).toContain('vouch promote');
  });

  it('does not believe a registry that gives another manifest', async () => {
    const digest = sha256('another');
    held.set(`/v2/tools/a/manifests/${digest}`, GOOD);
    expect(await verifier({ digest })).toMatchObject({ code: 11, gated: [] });
  });

  it('leaves images alone that are no SIF images only when it is told to', async () => {
    const text = manifest({ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: `sha256:${IMAGE}` });
    expect((await verifier({ text })).code).toBe(10);
    expect((await verifier({ text, env: { VOUCH_OTHER_IMAGES: 'allow' } })).code).toBe(0);
  });

  it.each<[string, Question, number]>([
    [
      'two SIF images',
      { text: manifest(...[1, 2].map(() => ({ mediaType: SIF, digest: `sha256:${IMAGE}` }))) },
      11,
    ],
    [
      'a digest that leads out of the store',
      { text: manifest({ mediaType: SIF, digest: 'sha256:../../x' }) },
      11,
    ],
    ['a manifest that is no JSON', { text: 'no' }, 11],
    ['layers that are no list', { text: '{"layers":{"a":1}}' }, 10],
    ['a descriptor of something else', { descriptor: '{"digest":"sha256:00"}' }, 64],
    ['a descriptor that is no JSON', { descriptor: '[' }, 11],
    [
      'an index of several platforms',
      {
        descriptor: JSON.stringify({
          mediaType: 'application/vnd.oci.image.index.v1+json',
          digest: sha256(GOOD),
        }),
      },
      10,
    ],
    ['a store that nobody names', { env: { VOUCH_STORE: '' } }, 64],
    ['a daemon that is down', { env: { VOUCH_SOCKET: '/nowhere/x.sock' } }, 30],
  ])('refuses %s', async (_, question, code) => {
    const ended = await verifier(question);
    expect(ended).toMatchObject({ code, gated: [] });
    expect(ended.stdout.trim().split('\n')).toHaveLength(1);
  });

  it('refuses when the registry does not have the manifest, or does not answer', async () => {
    const digest = sha256(GOOD);
    held.set(`/v2/tools/a/manifests/${digest}`, GOOD);
    const words = ['-digest', digest, '-stdin-media-type', 'x'];
    const stdin = JSON.stringify({ mediaType: MANIFEST, digest });
    for (const name of [`${host}/other/b:1`, '127.0.0.1:9/tools/a:1', 'tools']) {
      const command = [process.execPath, door('containerd-verifier.mjs'), '-name', name, ...words];
      expect((await runDoor(command, { env: { VOUCH_STORE: '/srv' }, stdin })).code).toBeGreaterThan(0);
    }
  });
});
