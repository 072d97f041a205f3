import { randomBytes } from 'node:crypto';
import type { ServerConfig } from '../config/server-config.ts';
import type { AddressProofs } from '../hkp/address-proofs.ts';
import type { PushControl } from '../hkp/push-permission.ts';
import type { Submit } from '../hkp/submission.ts';
import type { Keystore } from '../keystore/keystore.ts';
import type { Log } from '../log.ts';
import { smtpMailer } from '../mail/mailer.ts';
import { Proofs } from '../mail/proofs.ts';
import { provenPushes } from '../mail/proven-pushes.ts';
import { clientCounter } from '../mail/request-client.ts';

export interface PushParts {
  readonly submit: Submit;
  readonly access: PushControl;
}

export interface ProofNeeds extends PushParts {
  readonly keystore: Keystore;
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * The parts of pushing as the settings of mail want them, and who proved what; the parts as they are when no mails
 * are sent. Throws `NO_PASSWORD` and `BAD_NETWORK`.
 */
export function withAddressProofs(
  { mail, publicUrl, rateLimits }: ServerConfig,
  { submit, access, keystore, log, now }: ProofNeeds,
): PushParts & { readonly proofs?: AddressProofs } {
  if (mail === undefined || publicUrl === undefined) return { submit, access };
  const clientOf = clientCounter(rateLimits.trustedProxies);
  const mailer = smtpMailer(mail);
  const random = randomBytes;
  const proofs = new Proofs({ keystore, mailer, log, now, random, server: publicUrl, submit, clientOf });
  if (mail.proof === 'offered') return { submit, access, proofs };
  const pushes = provenPushes(proofs, clientOf);
  return { submit: pushes.submit(submit), access: pushes.access(access), proofs };
}
