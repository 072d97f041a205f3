/* Cleartext-signed messages and certificates made to order, with every line of them under a test's control. */
import { armor } from '../../src/openpgp/armor.ts';
import type { Certificate } from '../../src/openpgp/certificate.ts';
import { readCleartext } from '../../src/openpgp/cleartext.ts';
import { verifyMessage } from '../../src/openpgp/message-verdict.ts';
import type { MessageVerdict } from '../../src/openpgp/message-verdict.ts';
import type { Packet } from '../../src/openpgp/packet.ts';
import { DAY, EPOCH, keyring, subpackets, userId } from '../fixtures/test-key.ts';
import type { SignOptions, TestKey } from '../fixtures/test-key.ts';
import { checked } from './checked.ts';

export const TEXT = '{"version":1}\nsecond line';

/** When messages are judged: a day after everything was made. */
export const AT: number = EPOCH + DAY;

/** Certify and sign. */
export const SIGNS = 0x03;
export const CERTIFIES = 0x01;

export interface SignedTextOptions extends SignOptions {
  /** Signature type ID: 0x01, text. */
  type?: number;
}

/** The signature packet of a test key over a text. */
export function signatureOver(text: string, key: TestKey, options: SignedTextOptions = {}): Packet {
  return key.sign(options.type ?? 0x01, Buffer.from(text.replaceAll('\n', '\r\n')), options);
}

/** The lines of a message with these signature packets; its text is not escaped. */
export function messageWith(text: string, packets: readonly Packet[], headers = ['Hash: SHA256']): string {
  const signature = armor(keyring(...packets), 'SIGNATURE').trimEnd();
  return ['-----BEGIN PGP SIGNED MESSAGE-----', ...headers, '', text, signature].join('\n');
}

export function signedText(key: TestKey, options: SignedTextOptions = {}): string {
  return messageWith(TEXT, [signatureOver(TEXT, key, options)]);
}

/** A checked certificate: the key, a user ID with a self-signature, and what else is given. */
export async function certificateOf(
  key: TestKey,
  { flags = SIGNS, self = {}, more = [] }: { flags?: number; self?: SignOptions; more?: Packet[] } = {},
): Promise<Certificate> {
  const id = userId('Alice <alice@example.org>');
  const hashed = [subpackets.flags(flags), ...(self.hashed ?? [])];
  const bytes = keyring(key.key.packet, id, key.certify(id, { ...self, hashed }), ...more);
  return (await checked(bytes)).certificate;
}

export async function verdictOn(
  message: string | Uint8Array,
  candidates: readonly Certificate[],
  at = AT,
): Promise<MessageVerdict> {
  return verifyMessage(readCleartext(Buffer.from(message as string)), candidates, at);
}
