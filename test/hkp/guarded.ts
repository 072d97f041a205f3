/* The whole application with control over who pushes. */
import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { createPushControl, type PushControlParts, type PushMode } from '../../src/access/push-control.ts';
import { createTokens, type MadeToken, type Tokens } from '../../src/access/tokens.ts';
import type { TokenOrder } from '../../src/access/token-order.ts';
import type { OwnerRules } from '../../src/access/token.ts';
import { MemoryKeystore } from '../../src/keystore/memory.ts';
import { makeCertificate, type TestCertificate } from '../fixtures/test-key.ts';
import { errorOf, NOW, recordingLog, startServer, type LogLine, type TestServer } from './harness.ts';
import { dump } from './submitting.ts';

export const alice: TestCertificate = makeCertificate();
export const bob: TestCertificate = makeCertificate(['Bob <bob@example.net>']);

export interface Guarded {
  readonly server: TestServer;
  readonly tokens: Tokens;
  readonly lines: LogLine[];
  mode: PushMode;
  readonly token: (
    order?: Partial<Omit<TokenOrder, 'rules'>>,
    rules?: Partial<OwnerRules>,
  ) => Promise<MadeToken>;
  /** Pushes the armored text with this header. */
  readonly push: (keytext: string, authorization?: string) => Promise<Response>;
  readonly store: () => Promise<string>;
}

export async function guarded(mode: PushMode, parts: Partial<PushControlParts> = {}): Promise<Guarded> {
  const clock = { seconds: NOW };
  const now = (): number => clock.seconds * 1000;
  const keystore = new MemoryKeystore({ now });
  const tokens = createTokens(keystore, { now, random: randomBytes });
  const lines: LogLine[] = [];
  const log = recordingLog(lines);
  const access = createPushControl({ mode: () => made.mode, tokens, log, ...parts });
  const server = await startServer({ keystore, access, log, now });
  const made: Guarded = {
    server: { ...server, clock },
    tokens,
    lines,
    mode,
    token: (order = {}, rules = {}) =>
      tokens.add({
        name: 'ci',
        role: 'push',
        ...order,
        rules: { fingerprints: [], emails: [], domains: [], ...rules },
      }),
    push: (keytext, authorization) =>
      server.push(keytext, authorization === undefined ? {} : { headers: { Authorization: authorization } }),
    store: () => dump(keystore),
  };
  return made;
}

export const bearer = ({ text }: MadeToken): string => `Bearer ${text}`;

/** A 401 as a client that prints its message needs it. */
export async function expectUnauthorized(answer: Response, says: RegExp): Promise<void> {
  expect(answer.status).toBe(401);
  expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer\b/);
  expect(answer.headers.get('content-type')).toBe('application/json');
  const { code, message } = await errorOf(answer);
  expect(code).toBe(401);
  expect(message).toMatch(says);
  expect(message).not.toMatch(/[\r\n]/);
}

/** What no server gave out, in the form of a token. */
export const WRONG = `vouch_${'0'.repeat(16)}_${'1'.repeat(64)}`;
