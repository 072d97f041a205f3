import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { loadDaemonConfig } from '../../../build/config/load-daemon-config.js';
import { runDaemon } from '../../../build/daemon/run-daemon.js';
import { policyText, writePolicy, writeSettings } from '../../interop/daemon-files.mjs';
import { exchange, HTTP_WORDS, refuseFailure, requestOf } from '../exchange.mjs';
import { signedImages } from '../material.mjs';
import { recordErrors, leaveUmask } from '../service-in-thread.mjs';
import { linesOf, MOST_OCTETS, wordsOf } from '../target.mjs';

const JSON_BODY = ['Content-Type: application/json'];
const FINGERPRINT = '7C439DD7826EC057DF79B3F3ED1F4B05D02CA3DD';

/**
 * @param {string} image
 * @param {string} rules
 */
function requests(image, rules) {
  const post = (/** @type {string} */ where, /** @type {unknown} */ body) =>
    requestOf(`POST ${where}`, JSON.stringify(body), JSON_BODY);
  const octets = Buffer.from(image).toString('base64');
  return [
    post('/v1/admit', {
      images: [{ path: image }],
      context: { job: '1' },
      wait_ms: 100,
      min_binding: 'path',
    }),
    post('/v1/admit', { images: [{ path_b64: octets }], expect: { sha256: 'a'.repeat(64) } }),
    post('/v1/admit', { images: [{ fd: { pid: process.pid, fd: 0 } }] }),
    post('/v1/explain', { images: [{ path: image }], at: '2026-01-01T00:00:00Z', policy: rules }),
    post('/v1/policy/diff', { policy: rules }),
    post('/v1/keys/refresh', { fingerprints: [FINGERPRINT] }),
    post('/v1/policy/reload', { allow_rollback: true }),
    post('/v1/callers', { uid: 65534 }),
    post('/v1/sweep', {}),
    requestOf(`GET /v1/affected?fingerprint=${FINGERPRINT}`),
    post('/v1/promote', { path: image }),
    requestOf(`GET /v1/gate?path=${encodeURIComponent(image)}&wait_ms=10&strict=1`),
    requestOf('GET /v1/gate?pid=1&fd=3'),
    requestOf('GET /v1/decisions?since=2026-01-01T00:00:00Z&uid=0&verdict=refuse&limit=5'),
    requestOf('GET /v1/decisions/01'),
    requestOf('GET /v1/keys'),
    requestOf('GET /v1/policy'),
    requestOf('GET /v1/status'),
    requestOf('GET /readyz'),
    requestOf('GET /metrics'),
    requestOf('HEAD /healthz'),
  ];
}

/**
 * The real daemon, asked through its admin socket, where most is offered.
 *
 * @returns {Promise<import('../target.mjs').Target>}
 */
export async function open() {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'vouch-fuzz-'));
  const at = (/** @type {string} */ name) => path.join(folder, name);
  const { images, certificate } = await signedImages();
  mkdirSync(at('keys'));
  writeFileSync(at('keys/a.pgp'), certificate);
  writeFileSync(at('a.sif'), images.at(-1) ?? Buffer.of());
  const rules = policyText({ scope: folder, fingerprint: FINGERPRINT });
  await writePolicy(folder, rules);
  const config = await writeSettings(folder, {
    keys: at('keys'),
    more: '[log]\nrotate_bytes = 1048576\nkeep = 1',
  });
  leaveUmask();
  const errors = recordErrors();
  const daemon = await runDaemon(loadDaemonConfig({ flags: { config }, environment: {} }), {
    log: errors.log,
    now: Date.now,
    elapsed: () => performance.now(),
    version: '0',
    environment: {},
    pid: process.pid,
    uid: process.getuid?.() ?? 0,
  });
  return {
    seeds: requests(at('a.sif'), rules),
    words: wordsOf([
      ...HTTP_WORDS,
      '"path":',
      '"fd":',
      '/proc/self/fd/0',
      '/dev/zero',
      at('a.sif'),
      at('keys'),
    ]),
    pieces: linesOf,
    most: MOST_OCTETS,
    feed: async (octets) => {
      refuseFailure(await exchange({ path: daemon.socket }, octets));
      errors.refuse();
    },
    close: async () => {
      await daemon.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
