import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { loadServerConfig } from '../../../build/config/load-server-config.js';
import { armor } from '../../../build/openpgp/armor.js';
import { serveKeystore } from '../../../build/server/serve.js';
import { exchange, HTTP_WORDS, refuseFailure, requestOf } from '../exchange.mjs';
import { certificates } from '../material.mjs';
import { recordErrors, leaveUmask } from '../service-in-thread.mjs';
import { linesOf, MOST_OCTETS, wordsOf } from '../target.mjs';

const JSON_BODY = 'Content-Type: application/json';
const FORM = ['Content-Type: application/x-www-form-urlencoded'];

/** @param {readonly string[]} armors */
function requests(armors) {
  const [first = '', second = ''] = armors;
  const keytext = `keytext=${encodeURIComponent(first)}`;
  const multipart = `--x\r\nContent-Disposition: form-data; name="keytext"\r\n\r\n${second}\r\n--x--\r\n`;
  const fingerprint = '7C439DD7826EC057DF79B3F3ED1F4B05D02CA3DD';
  return [
    requestOf(`GET /pks/lookup?op=get&options=mr&search=0x${fingerprint}`),
    requestOf('GET /pks/lookup?op=index&options=mr&search=fuzz@example.org&x-pagesize=2&x-pagetoken=AAAA'),
    requestOf('GET /pks/lookup?op=vindex&fingerprint=on&exact=on&search=%C5%81%C3%B3d%C5%BA', undefined, [
      'Accept: text/html',
    ]),
    requestOf('GET /pks/lookup?op=stats'),
    requestOf('GET /pks/v2/index/fuzz@example.org'),
    requestOf(`GET /pks/v2/certs/by-vfingerprint/04${fingerprint}`),
    requestOf('GET /pks/v2/prefixlog/2026-01-01'),
    requestOf('GET /vouch/v1/changes?since=0&limit=10'),
    requestOf('GET /assets/config/config.prod.json'),
    requestOf('GET /v1/token-status', undefined, ['Authorization: Bearer x']),
    requestOf(`GET /vouch/v1/removal/${fingerprint}`),
    requestOf(`GET /vouch/v1/proofs/${fingerprint}`),
    requestOf(`GET /key/${fingerprint}`, undefined, ['Accept: text/html']),
    requestOf('POST /push/preview', keytext, [...FORM, 'Accept: text/html']),
    requestOf('GET /pks/stats?x=1', undefined, ['Accept: application/json']),
    requestOf('POST /pks/add?options=nm', keytext, FORM),
    requestOf('POST /pks/add', multipart, ['Content-Type: multipart/form-data; boundary=x']),
    requestOf('POST /pks/hashquery', '\u0000\u0000\u0000\u0001\u0000\u0000\u0000\u0010', [
      'Content-Type: application/octet-stream',
    ]),
    requestOf('POST /pks/v2/sendtoken', JSON.stringify({ addresses: ['a@b.example'] }), [JSON_BODY]),
    requestOf('HEAD /'),
    requestOf('OPTIONS /pks/add', undefined, [
      'Origin: https://a.example',
      'Access-Control-Request-Method: POST',
    ]),
    ...armors.map((text) => requestOf('POST /pks/add', `keytext=${encodeURIComponent(text)}`, FORM)),
  ];
}

/**
 * The real keystore over a real connection, with budgets that do not run out.
 *
 * @param {string | undefined} real
 * @returns {Promise<import('../target.mjs').Target>}
 */
export async function open(real) {
  const data = mkdtempSync(path.join(os.tmpdir(), 'vouch-fuzz-'));
  const config = loadServerConfig({ flags: { data, listen: '127.0.0.1:0' }, environment: {} });
  leaveUmask();
  const errors = recordErrors();
  const server = await serveKeystore(config, { log: errors.log, now: Date.now, version: '0' });
  const { hostname: host, port } = new URL(server.url);
  return {
    seeds: requests((await certificates(real)).map((octets) => armor(octets))),
    words: wordsOf(HTTP_WORDS),
    pieces: linesOf,
    most: MOST_OCTETS,
    feed: async (octets) => {
      refuseFailure(await exchange({ host, port: Number(port) }, octets));
      errors.refuse();
    },
    close: async () => {
      await server.stop();
      rmSync(data, { recursive: true, force: true });
    },
  };
}
