/*
 * A key is removed by its owner: the server gives out a text, the owner signs it with the key, the server takes the
 * key out for good.
 *
 * Deletion by a signed request was replayed elsewhere against keys that had come back. So the text names this
 * server, the key, an end and a number used once, and carries a code that only this server can make; a number that
 * was used is written down until its text has ended.
 *
 * A key that was revoked is not removed this way: whoever stole it could hide that it was revoked. Nor is one that
 * has expired: its owner can extend it first.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Context } from 'koa';
import { readBody } from '../http/body.ts';
import type { Keystore } from '../keystore/keystore.ts';
import { removeKey } from '../keystore/remove-key.ts';
import { serverSecret } from '../keystore/server-secret.ts';
import { parseCertificate } from '../openpgp/certificate.ts';
import { readCleartext } from '../openpgp/cleartext.ts';
import type { CleartextMessage } from '../openpgp/cleartext.ts';
import { OpenPgpError } from '../openpgp/error.ts';
import { verifyMessage } from '../openpgp/message-verdict.ts';
import type { InvalidReason } from '../openpgp/message-verdict.ts';
import { sendJson, sendText } from './answer.ts';
import { HkpError } from './error.ts';
import { MAX_CLOCK_SKEW, MAX_REMOVAL_OCTETS, REMOVAL_LIFETIME } from './limits.ts';
import type { HkpService } from './service.ts';

/** Numbers that were used; the ID is the number. */
const USED_KIND = 'removal-used';

interface Challenge {
  readonly server: string;
  readonly fingerprint: string;
  /** Milliseconds since 1970, a whole second. */
  readonly expires: number;
  readonly nonce: string;
}

const FORM =
  /^vouch-removal: 1\nserver: (\S+)\nfingerprint: ([0-9A-F]{40}|[0-9A-F]{64})\nexpires: (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)\nnonce: ([0-9a-f]{64})\ncode: ([0-9a-f]{64})$/;

/** `GET /vouch/v1/removal/FINGERPRINT`: the text to sign. Throws `NO_PUBLIC_URL`, `BAD_SEARCH`, `NO_MATCH`. */
export async function removalChallenge(ctx: Context, service: HkpService, asked: string): Promise<void> {
  const server = ownAddress(service);
  const fingerprint = primaryFingerprint(asked);
  if ((await service.keystore.bytes(fingerprint)) === undefined) throw notHeld();
  const challenge: Challenge = {
    server,
    fingerprint,
    expires: Math.floor((service.now() + REMOVAL_LIFETIME) / 1000) * 1000,
    nonce: randomBytes(32).toString('hex'),
  };
  ctx.set('Cache-Control', 'no-store');
  sendText(ctx, `${textOf(challenge)}\ncode: ${await codeOf(service.keystore, challenge)}\n`);
}

/**
 * `POST /vouch/v1/removal/FINGERPRINT`: the text, cleartext-signed by the primary key or a subkey that signs. Throws
 * `BAD_REMOVAL` for what is not a text of this server that is still good, `REMOVAL_REFUSED` for its signature.
 */
export async function removeByOwner(ctx: Context, service: HkpService, asked: string): Promise<void> {
  const server = ownAddress(service);
  const fingerprint = primaryFingerprint(asked);
  const message = readMessage(await readBody(ctx, MAX_REMOVAL_OCTETS));
  const challenge = await readChallenge(service.keystore, message.text.trimEnd());
  const wrong = wrongFor(challenge, { server, fingerprint, now: service.now() });
  if (wrong !== undefined) throw new HkpError('BAD_REMOVAL', wrong);
  const signingKey = await verifiedSigner(service, fingerprint, message);
  if (!(await useOnce(service, challenge))) {
    throw new HkpError('BAD_REMOVAL', 'this text was used already; ask for another');
  }
  const reason = `signed by ${signingKey}`;
  const removed = await removeKey(service.keystore, {
    fingerprint,
    time: service.now(),
    by: 'owner',
    reason,
  });
  service.log.info('certificate removed by its owner', { fingerprint, signingKey });
  ctx.set('Cache-Control', 'no-store');
  sendJson(ctx, { fingerprint: fingerprint.toLowerCase(), removed: removed.map((one) => one.toLowerCase()) });
}

function ownAddress({ publicUrl }: HkpService): string {
  if (publicUrl !== undefined) return publicUrl;
  throw new HkpError('NO_PUBLIC_URL', 'this server was not told its own address: set public_url');
}

function primaryFingerprint(asked: string): string {
  const fingerprint = asked.replace(/^0x/i, '').toUpperCase();
  if (/^(?:[0-9A-F]{40}|[0-9A-F]{64})$/.test(fingerprint)) return fingerprint;
  throw new HkpError('BAD_SEARCH', 'a fingerprint has 40 or 64 hexadecimal digits');
}

function notHeld(): HkpError {
  return new HkpError('NO_MATCH', 'no certificate with this primary key is held here');
}

function textOf({ server, fingerprint, expires, nonce }: Challenge): string {
  const end = new Date(expires).toISOString().replace('.000Z', 'Z');
  return [
    'vouch-removal: 1',
    `server: ${server}`,
    `fingerprint: ${fingerprint}`,
    `expires: ${end}`,
    `nonce: ${nonce}`,
  ].join('\n');
}

async function codeOf(keystore: Keystore, challenge: Challenge): Promise<string> {
  const secret = await serverSecret(keystore, 'removal');
  return createHmac('sha256', secret).update(textOf(challenge)).digest('hex');
}

function readMessage(octets: Uint8Array): CleartextMessage {
  try {
    return readCleartext(octets);
  } catch (cause) {
    if (!(cause instanceof OpenPgpError)) throw cause;
    throw new HkpError('BAD_REMOVAL', `send the signed text as gpg --clearsign writes it: ${cause.message}`, {
      cause,
    });
  }
}

async function readChallenge(keystore: Keystore, text: string): Promise<Challenge> {
  const [, server = '', fingerprint = '', end = '', nonce = '', code = ''] = FORM.exec(text) ?? [];
  const expires = Date.parse(end);
  if (Number.isNaN(expires))
    throw new HkpError('BAD_REMOVAL', 'the signed text is not one that this server gave out');
  const challenge: Challenge = { server, fingerprint, expires, nonce };
  const right = Buffer.from(await codeOf(keystore, challenge), 'hex');
  if (timingSafeEqual(right, Buffer.from(code, 'hex'))) return challenge;
  throw new HkpError('BAD_REMOVAL', 'the signed text is not one that this server gave out');
}

function wrongFor(
  challenge: Challenge,
  {
    server,
    fingerprint,
    now,
  }: { readonly server: string; readonly fingerprint: string; readonly now: number },
): string | undefined {
  if (challenge.server !== server) return 'the signed text is for another server';
  if (challenge.fingerprint !== fingerprint) return 'the signed text is for another key';
  return challenge.expires <= now ? 'the signed text has expired; ask for another' : undefined;
}

const REFUSALS: Readonly<Partial<Record<InvalidReason, string>>> = {
  KEY_REVOKED:
    'this key is revoked: its revocation stays here for those who have it. Ask the operator of this server',
  KEY_EXPIRED: 'this key has expired: extend it and push it, then remove it',
};

/** The fingerprint of the key that signed. */
async function verifiedSigner(
  { keystore, now }: HkpService,
  fingerprint: string,
  message: CleartextMessage,
): Promise<string> {
  const bytes = await keystore.bytes(fingerprint);
  if (bytes === undefined) throw notHeld();
  // Clocks differ: a signature that was just made may be from the future here.
  const seconds = Math.floor(now() / 1000);
  const made = Math.max(...message.signatures.map(({ created }) => created));
  const at = Math.max(seconds, Math.min(made, seconds + MAX_CLOCK_SKEW));
  const verdict = await verifyMessage(message, [parseCertificate(bytes)], at);
  if (verdict.status === 'valid') return verdict.signingKey;
  const why =
    verdict.status === 'invalid'
      ? (REFUSALS[verdict.reason] ??
        `the signature does not count: ${verdict.reason.toLowerCase().replaceAll('_', ' ')}`)
      : 'another key signed it';
  throw new HkpError('REMOVAL_REFUSED', why);
}

/**
 * Writes down that a number was used; false when it was before. Forgets those whose texts have ended, also by the clock
 * of another server on this store.
 */
async function useOnce({ keystore, now }: HkpService, { nonce, expires }: Challenge): Promise<boolean> {
  for await (const { id, value, version } of keystore.documents(USED_KIND)) {
    if (typeof value === 'number' && value > now() - MAX_CLOCK_SKEW * 1000) continue;
    await keystore.putDocument(USED_KIND, id, undefined, version);
  }
  return keystore.putDocument(USED_KIND, nonce, expires, 0);
}
