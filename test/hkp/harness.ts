/* The real application over a real socket, on a store in memory or in the database of the run. */
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { createPreview } from '../../src/hkp/preview.ts';
import { ReadyAnswers } from '../../src/hkp/ready-answers.ts';
import type { Submit } from '../../src/hkp/submission.ts';
import { createSubmit } from '../../src/hkp/submit.ts';
import { recordOf } from '../../src/hkp/terms.ts';
import { listen, type Listening } from '../../src/http/listen.ts';
import type { ListenLimits } from '../../src/http/limits.ts';
import type { CertificateRecord, Keystore, Term } from '../../src/keystore/keystore.ts';
import type { Log, LogFields } from '../../src/log.ts';
import { parseCertificate } from '../../src/openpgp/certificate.ts';
import { DEFAULT_CHECK_LIMITS } from '../../src/openpgp/limits.ts';
import { htmlView } from '../../src/pages/view.ts';
import { keystoreApp, type KeystoreAppParts } from '../../src/server/app.ts';
import { DAY, EPOCH } from '../fixtures/test-key.ts';
import { emptyStore } from '../keystore/empty-store.ts';

/** A day after test certificates are made, in seconds. */
export const NOW: number = EPOCH + DAY;

export interface LogLine {
  readonly level: keyof Log;
  readonly message: string;
  readonly fields: LogFields;
}

export interface TestServer {
  readonly url: string;
  readonly port: number;
  readonly keystore: Keystore;
  readonly lines: LogLine[];
  readonly clock: { seconds: number };
  readonly listening: Listening;
  get(path: string, init?: RequestInit): Promise<Response>;
  /** A form with the variable `keytext`, as the clients send it. */
  push(
    keytext: string,
    init?: { readonly query?: string; readonly headers?: Record<string, string> },
  ): Promise<Response>;
  /** Puts a certificate into the store past the checks. */
  hold(bytes: Uint8Array, moreTerms?: readonly Term[]): Promise<CertificateRecord>;
}

export function recordingLog(lines: LogLine[]): Log {
  const at =
    (level: keyof Log) =>
    (message: string, fields: LogFields = {}): void =>
      void lines.push({ level, message, fields });
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

export async function startServer(
  parts: Partial<KeystoreAppParts> = {},
  limits: Partial<ListenLimits> = {},
): Promise<TestServer> {
  const clock = { seconds: NOW };
  const now = (): number => clock.seconds * 1000;
  const keystore = parts.keystore ?? (await emptyStore(now));
  const lines: LogLine[] = [];
  const submitOn = (store: Keystore): Submit =>
    createSubmit({ keystore: store, limits: DEFAULT_CHECK_LIMITS, thirdParty: 'strip', blocked: new Set() });
  const submit = submitOn(keystore);
  const preview = createPreview(keystore, submitOn);
  const log = recordingLog(lines);
  const app = keystoreApp({
    keystore,
    submit,
    preview,
    answers: parts.answers ?? new ReadyAnswers(keystore),
    now,
    log,
    version: '1.2.3',
    html: htmlView,
    ...parts,
  });
  const listening = await listen(app, { host: '127.0.0.1', port: 0 }, { drain: 200, ...limits });
  onTestFinished(() => listening.close());
  const { url, port } = listening;
  const ask = (path: string, init?: RequestInit): Promise<Response> => fetch(url + path, init);
  return {
    url,
    port,
    keystore,
    lines,
    clock,
    listening,
    get: ask,
    push: (keytext, { query = '', headers = {} } = {}) =>
      ask(`/pks/add${query}`, { method: 'POST', body: new URLSearchParams({ keytext }), headers }),
    hold: async (bytes, moreTerms = []) => {
      const made = recordOf(parseCertificate(bytes));
      const record = { ...made, terms: [...made.terms, ...moreTerms] };
      await keystore.update(record.fingerprint, () => record);
      return record;
    },
  };
}

/** A connection on which anything can be written, and all that came back read as text. */
export class RawConnection {
  readonly socket: Socket;
  received = '';
  readonly closed: Promise<void>;

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1' });
    this.socket.setNoDelay(true);
    this.socket.on('data', (chunk: Buffer) => (this.received += chunk.toString('latin1')));
    this.socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => this.socket.once('close', () => resolve()));
    onTestFinished(() => void this.socket.destroy());
  }

  write(text: string): this {
    this.socket.write(text, 'latin1');
    return this;
  }

  /** Waits until what came back matches; the test's own time limit ends a wait in vain. */
  async until(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.received)) await delay(5);
    return this.received;
  }

  async wholeAnswer(): Promise<string> {
    await this.closed;
    return this.received;
  }
}

/** Sends one request as it stands and reads until the server closes. */
export function rawRequest(port: number, text: string): Promise<string> {
  return new RawConnection(port).write(text).wholeAnswer();
}

export async function errorOf(response: Response): Promise<{ code: number; message: string }> {
  const { error } = (await response.json()) as { error: { code: number; message: string } };
  return error;
}
