#!/usr/bin/env node
// containerd-verifier: may this image be pulled? For containerd's image verifiers (bin_dir), and for hosts whose
// containers are SIF images kept in an OCI registry. Needs Node.js 20, and vouch-gate beside it.
//
//   containerd-verifier.mjs -name NAME -digest DIGEST -stdin-media-type TYPE < descriptor
//
// containerd asks before it fetches, with the digest of a manifest. The manifest is fetched here, is held against that
// digest, and names the digest of the SIF image. Who signed an image only its bytes say: so it has to be in the
// store of this host (vouch promote), under that digest, and is decided on there as any other image is.
//
// VOUCH_STORE          the store, "[promote] store" of daemon.toml
// VOUCH_OTHER_IMAGES   "allow": images that are no SIF images are none of its business. The default is to refuse them
// VOUCH_GATE           vouch-gate, when it is somewhere else
//
// Exits 0 to allow and as vouch-gate does to refuse; stdout has the reason on one line.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const MANIFESTS = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];
const SIF = 'application/vnd.sylabs.sif.layer.v1.sif';

const POLICY = 10;
const EVIDENCE = 11;
const NO_ANSWER = 30;
const USAGE = 64;

/** A manifest has a few KiB; registries take no more than 4 MiB (OCI distribution). */
const MAX_OCTETS = 4 * 1024 * 1024;
const MAX_DESCRIPTOR = 64 * 1024;
/** Milliseconds for the registry; containerd gives a verifier 10 s. */
const PATIENCE = 5000;

/** Ends with a reason. */
class Refusal extends Error {
  /**
   * @param {number} exitCode
   * @param {string} message
   */
  constructor(exitCode, message) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** @param {readonly string[]} words with one dash, as containerd writes them */
function argumentsOf(words) {
  const args = words.map((word) => word.replace(/^-(?=(?:name|digest|stdin-media-type)\b)/, '--'));
  try {
    const options = /** @type {const} */ ({
      name: { type: 'string' },
      digest: { type: 'string' },
      'stdin-media-type': { type: 'string' },
    });
    const { name = '', digest = '' } = parseArgs({ args, options }).values;
    if (name !== '' && /^sha256:[0-9a-f]{64}$/.test(digest)) return { name, digest };
  } catch {
    // Said below.
  }
  throw new Refusal(
    USAGE,
    'usage: containerd-verifier.mjs -name NAME -digest sha256:… -stdin-media-type TYPE',
  );
}

/**
 * @param {AsyncIterable<Uint8Array>} stream
 * @param {number} most
 */
async function octetsOf(stream, most) {
  const pieces = [];
  let octets = 0;
  for await (const piece of stream) {
    octets += piece.length;
    if (octets > most) throw new Refusal(EVIDENCE, `more than ${most} octets where a few are expected`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/**
 * @param {Buffer} octets
 * @param {string} what
 * @returns {Record<string, unknown>}
 */
function objectOf(octets, what) {
  try {
    const value = JSON.parse(octets.toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Said below.
  }
  throw new Refusal(EVIDENCE, `${what} is not a JSON object`);
}

/**
 * Registry, repository and scheme of a name such as `registry.example.org/tools/a:1.0`.
 *
 * @param {string} name
 */
function placeOf(name) {
  const [, host = '', repository = ''] =
    /^([a-zA-Z0-9.-]+(?::\d+)?|\[[0-9a-f:]+\]:\d+)\/([a-z0-9._/-]+?)(?::[\w.-]+)?(?:@sha256:[0-9a-f]{64})?$/.exec(
      name,
    ) ?? [];
  if (repository === '') throw new Refusal(USAGE, 'the name of the image has no registry and repository');
  const local = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/.test(host);
  return {
    base: `${local ? 'http' : 'https'}://${host === 'docker.io' ? 'registry-1.docker.io' : host}`,
    repository,
  };
}

/**
 * @param {string} url
 * @param {Record<string, string>} headers
 */
async function ask(url, headers) {
  try {
    return await fetch(url, { headers, redirect: 'error', signal: AbortSignal.timeout(PATIENCE) });
  } catch {
    throw new Refusal(NO_ANSWER, `the registry at ${new URL(url).host} does not answer`);
  }
}

/**
 * What a registry wants of somebody without an account (distribution, token authentication).
 *
 * @param {string} challenge
 * @param {string} base
 */
async function tokenFor(challenge, base) {
  const fields = new Map(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]),
  );
  const realm = fields.get('realm') ?? '';
  if (
    !/^bearer\b/i.test(challenge) ||
    !URL.canParse(realm) ||
    !realm.startsWith(`${new URL(base).protocol}//`)
  ) {
    throw new Refusal(NO_ANSWER, 'the registry wants an account, and none is known here');
  }
  const url = new URL(realm);
  for (const key of ['service', 'scope'])
    if (fields.has(key)) url.searchParams.set(key, fields.get(key) ?? '');
  const answer = await ask(url.href, {});
  const told = objectOf(
    await octetsOf(answer.body ?? emptyStream(), MAX_DESCRIPTOR),
    'the token of the registry',
  );
  const token = told['token'] ?? told['access_token'];
  if (typeof token !== 'string') throw new Refusal(NO_ANSWER, 'the registry gives no token to strangers');
  return token;
}

/** @returns {AsyncGenerator<Uint8Array>} */
async function* emptyStream() {}

/**
 * @param {string} name
 * @param {string} digest
 */
async function manifestOf(name, digest) {
  const { base, repository } = placeOf(name);
  const url = `${base}/v2/${repository}/manifests/${digest}`;
  const headers = { Accept: MANIFESTS.join(', ') };
  let answer = await ask(url, headers);
  if (answer.status === 401) {
    const token = await tokenFor(answer.headers.get('WWW-Authenticate') ?? '', base);
    answer = await ask(url, { ...headers, Authorization: `Bearer ${token}` });
  }
  if (!answer.ok) throw new Refusal(NO_ANSWER, `the registry answers ${answer.status} about the manifest`);
  const octets = await octetsOf(answer.body ?? emptyStream(), MAX_OCTETS);
  const made = `sha256:${createHash('sha256').update(octets).digest('hex')}`;
  if (made !== digest)
    throw new Refusal(EVIDENCE, 'the registry gives another manifest than the one that was named');
  return objectOf(octets, 'the manifest');
}

/**
 * The digest of the one SIF image of a manifest; undefined when there is none.
 *
 * @param {Record<string, unknown>} manifest
 */
function sifDigestOf({ layers }) {
  const digests = (Array.isArray(layers) ? layers : [])
    .filter((layer) => layer?.mediaType === SIF)
    .map(({ digest }) => /^sha256:([0-9a-f]{64})$/.exec(String(digest))?.[1]);
  if (digests.length > 1 || (digests.length === 1 && digests[0] === undefined)) {
    throw new Refusal(EVIDENCE, 'the manifest does not name one SIF image by its SHA-256');
  }
  return digests[0];
}

async function verify() {
  const { name, digest } = argumentsOf(process.argv.slice(2));
  const descriptor = objectOf(await octetsOf(process.stdin, MAX_DESCRIPTOR), 'the descriptor');
  if (descriptor['digest'] !== digest)
    throw new Refusal(USAGE, 'the descriptor has another digest than -digest');
  if (!MANIFESTS.includes(String(descriptor['mediaType']))) {
    throw new Refusal(POLICY, 'not the manifest of one image; pull the image of one platform by its digest');
  }
  const store = process.env['VOUCH_STORE'] ?? '';
  if (!isAbsolute(store)) throw new Refusal(USAGE, 'VOUCH_STORE does not name the store of promoted images');
  const sif = sifDigestOf(await manifestOf(name, digest));
  if (sif === undefined) {
    if (process.env['VOUCH_OTHER_IMAGES'] === 'allow') return 0;
    throw new Refusal(POLICY, 'not a SIF image; VOUCH_OTHER_IMAGES=allow lets such images pass');
  }
  const image = join(store, sif.slice(0, 2), `${sif}.sif`);
  if (!existsSync(image)) {
    throw new Refusal(
      POLICY,
      `SIF image ${sif} is not in the store of this host: fetch it and vouch promote it`,
    );
  }
  const gate = process.env['VOUCH_GATE'] ?? join(dirname(fileURLToPath(import.meta.url)), 'vouch-gate');
  const { status, stdout } = spawnSync('sh', [gate, '--wait', '4', image], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.stdout.write(stdout);
  return status ?? NO_ANSWER;
}

try {
  process.exitCode = await verify();
} catch (error) {
  const known = error instanceof Refusal;
  // One line, whatever a registry said.
  const reason = known ? error.message : 'it could not be verified';
  process.stdout.write(`${reason.replaceAll(/[^\x20-\x7e…]/g, '?')}\n`);
  process.exitCode = known ? error.exitCode : NO_ANSWER;
}
