import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import { inTempFolder } from '../vouch.ts';

export interface Asked {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The query's `path` as octets: URLSearchParams would replace what is no UTF-8. */
  readonly octets: Buffer;
  readonly body: unknown;
  readonly rawBody: string;
}

export interface Answered {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON. */
  readonly body?: string | object;
}

export interface FakeDaemon {
  readonly socketPath: string;
  readonly folder: string;
  readonly asked: readonly Asked[];
}

/** Answers on a Unix socket like a daemon that a test thinks out. */
export async function withFakeDaemon<T>(
  answer: (asked: Asked) => Answered | Promise<Answered>,
  use: (daemon: FakeDaemon) => Promise<T>,
): Promise<T> {
  return inTempFolder(async (folder) => {
    const socketPath = join(folder, 'admin.sock');
    const all: Asked[] = [];
    const server = createServer((request, response) => {
      void received(request)
        .then((asked) => {
          all.push(asked);
          return answer(asked);
        })
        .then(({ status = 200, headers = {}, body = '' }) => {
          response.writeHead(status, headers);
          response.end(typeof body === 'string' ? body : JSON.stringify(body));
        });
    }).listen(socketPath);
    await once(server, 'listening');
    try {
      return await use({ socketPath, folder, asked: all });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
}

async function received(request: IncomingMessage): Promise<Asked> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const rawBody = Buffer.concat(chunks).toString();
  const [path = '', query = ''] = (request.url ?? '').split('?');
  const encoded = /(?:^|&)path=([^&]*)/.exec(query)?.[1] ?? '';
  return {
    method: request.method ?? '',
    path,
    query: new URLSearchParams(query),
    octets: unescaped(encoded),
    body: rawBody === '' ? undefined : JSON.parse(rawBody),
    rawBody,
  };
}

function unescaped(text: string): Buffer {
  return Buffer.from(
    text.replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 16)),
    ),
    'latin1',
  );
}

const SHA256 = 'ab'.repeat(32);
export const FINGERPRINT = '7C439DD7826EC057DF79B3F3ED1F4B05D02CA3DD';

const PASSED = {
  integrity: 'pass',
  coverage: 'pass',
  authenticity: 'pass',
  revocation: 'pass',
  expiry: 'pass',
  freshness: 'pass',
  transparency: 'skip',
  binding: 'pass',
  window: 'pass',
};

/** An image that is admitted, with what a test changes. */
export function imageAnswer(path: string, changes: object = {}): object {
  return {
    path,
    rule: 'prod',
    verdict: 'admit',
    effective: 'admit',
    sha256: SHA256,
    binding: 'identity',
    bytes_verified_at: '2026-11-22T02:40:11.123Z',
    cached: true,
    reasons: [],
    checks: PASSED,
    signers: [
      {
        name: 'alice',
        fingerprint: FINGERPRINT,
        source: 'LOCAL+REMOTE',
        keyState: 'good',
        signedAt: 1_700_000_000,
        firstSeen: 1_750_000_000,
        objects: [1, 2],
        counts: true,
      },
    ],
    threshold: { need: 1, have: 1, must: [], missing: [] },
    ...changes,
  };
}

/** The same as refused for one reason. */
export function refusedImage(path: string, code: string, changes: object = {}): object {
  const reason = { code, action: 'enforce', text: `because of ${code}`, fix: 'do something about it' };
  return imageAnswer(path, { verdict: 'refuse', effective: 'refuse', reasons: [reason], ...changes });
}

/** A decision; what it says as a whole is that of its first image unless a test changes it. */
export function decisionAnswer(images: readonly object[], changes: object = {}): object {
  const { verdict, effective, reasons } = images[0] as Record<string, unknown>;
  return {
    api: 1,
    decision_id: '01JD',
    time: '2026-11-22T02:40:11.123Z',
    verdict,
    effective,
    mode: 'enforce',
    reasons,
    images,
    policy: { sha256: 'cd'.repeat(32), serial: 42 },
    keys_epoch: 17,
    keys_age_s: 812,
    caller: { attested: 'admin' },
    took_us: 41,
    log_pos: 99182,
    ...changes,
  };
}

export const CHECKS_PASSED: Readonly<Record<string, string>> = PASSED;
export const DIGEST: string = SHA256;
