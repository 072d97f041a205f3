/* A keystore under a test's hand: it may lie, forget, hang and be gone. It has no change log. */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { armor } from '../../../src/openpgp/armor.ts';
import type { TestCertificate } from '../../fixtures/test-key.ts';

export class HostileKeystore {
  /** What it gives for a fingerprint, whatever that is. */
  readonly held: Map<string, Uint8Array> = new Map();
  /** Cuts every connection. */
  down = false;
  /** Questions wait until this resolves. */
  gate: Promise<void> = Promise.resolve();
  /** Questions about keys: how many, how many now, and the most at a time. */
  asked = 0;
  running = 0;
  most = 0;
  readonly #server = createServer((question, answer) => void this.#answer(question, answer));

  static async start(): Promise<HostileKeystore> {
    const keystore = new HostileKeystore();
    await new Promise<void>((resolve) => keystore.#server.listen(0, '127.0.0.1', resolve));
    return keystore;
  }

  get url(): string {
    const address = this.#server.address();
    return typeof address === 'object' ? `http://127.0.0.1:${address?.port}` : '';
  }

  hold(...certificates: readonly TestCertificate[]): void {
    for (const { fingerprint, bytes } of certificates) this.held.set(fingerprint, bytes);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(question: IncomingMessage, answer: ServerResponse): Promise<void> {
    if (this.down) {
      question.socket.destroy();
      return;
    }
    const { pathname, searchParams } = new URL(question.url ?? '', this.url);
    const fingerprint = (searchParams.get('search') ?? '').replace(/^0x/i, '').toUpperCase();
    if (pathname === '/pks/lookup') await this.#wait();
    const bytes = this.held.get(fingerprint);
    if (pathname !== '/pks/lookup' || bytes === undefined) {
      answer.writeHead(404).end('not found\n');
      return;
    }
    answer.writeHead(200, { 'Content-Type': 'application/pgp-keys' }).end(armor(bytes));
  }

  async #wait(): Promise<void> {
    this.asked += 1;
    this.running += 1;
    this.most = Math.max(this.most, this.running);
    await this.gate;
    this.running -= 1;
  }
}
