/* Pushes where every address is to be proven first. */
import type { Context } from 'koa';
import type { Permission, PushControl, Pusher } from '../hkp/push-permission.ts';
import type { RefusedCertificate, Submit } from '../hkp/submission.ts';
import type { Certificate } from '../openpgp/certificate.ts';
import { MAX_ADDRESSES_PER_KEY } from './limits.ts';
import type { Proofs } from './proofs.ts';

/** What the server puts around its own. */
export interface ProvenPushes {
  readonly access: (inner: PushControl) => PushControl;
  readonly submit: (inner: Submit) => Submit;
}

/**
 * Lets pushers without a token push only certificates of which every address is proven. This adds to what the push
 * mode demands and takes nothing of it away: where it refuses them, nothing is mailed. Whoever has a token was
 * given it by the operator, who knows them. Revocations need no proof. What is refused for its addresses alone
 * waits, is mailed for, and is stored as soon as all of them are proven.
 */
export function provenPushes(proofs: Proofs, clientOf: (ctx: Context) => string): ProvenPushes {
  const clients = new WeakMap<Pusher, string>();
  return {
    access: (inner) => ({
      async pusher(ctx, formToken) {
        const pusher = await inner.pusher(ctx, formToken);
        clients.set(pusher, clientOf(ctx));
        return pusher;
      },
      checkCredentials: (ctx) => inner.checkCredentials(ctx),
    }),
    submit: (inner) => async (keyring, options) => {
      const { pusher } = options;
      const client = pusher === undefined || pusher.name !== undefined ? undefined : clients.get(pusher);
      if (pusher === undefined || client === undefined) return inner(keyring, options);
      const unproven = new Map<string, Certificate>();
      const careful: Pusher = {
        permits: async (certificate) => {
          const permission = await pusher.permits(certificate);
          if (permission.kind !== 'all' || (await isProven(proofs, certificate))) return permission;
          unproven.set(certificate.primary.key.fingerprint, certificate);
          return UNPROVEN;
        },
      };
      const { accepted, refused } = await inner(keyring, { ...options, pusher: careful });
      const told: RefusedCertificate[] = [];
      for (const one of refused) {
        const certificate = one.code === 'FORBIDDEN' ? unproven.get(one.fingerprint ?? '') : undefined;
        told.push(
          certificate === undefined
            ? one
            : { ...one, code: 'UNPROVEN', reason: await askFor(proofs, certificate, client) },
        );
      }
      return { accepted, refused: told };
    },
  };
}

const UNPROVEN: Permission = {
  kind: 'revocations',
  reason: 'an address on it is not proven here; push the key by itself, or with a token',
};

async function isProven(proofs: Proofs, certificate: Certificate): Promise<boolean> {
  const { addresses, others, proven } = await proofs.unproven(certificate);
  return addresses.length === 0 && others === 0 && proven > 0;
}

/** Lets the key wait, sends the mails, and says so in a sentence that names no address. */
async function askFor(proofs: Proofs, certificate: Certificate, client: string): Promise<string> {
  const { addresses, others, proven } = await proofs.unproven(certificate);
  if (others > 0) {
    return 'a user ID on it has an address that no mail can be sent to from here; push it with a token';
  }
  if (addresses.length === 0 && proven === 0) {
    return 'there is no e-mail address on it that could be proven; push it with a token';
  }
  if (addresses.length > MAX_ADDRESSES_PER_KEY) {
    return `more than ${MAX_ADDRESSES_PER_KEY} addresses on it are not proven; push it with a token`;
  }
  for (const _ of addresses) {
    const wait = await proofs.countMail(client);
    if (wait !== undefined) {
      return `too many mails were asked for from your network; try again in ${Math.ceil(wait / 1000)} s`;
    }
  }
  if (!(await proofs.waiting.keep(certificate, (whole) => proofs.addresses(whole).addresses))) {
    return 'too many keys wait for a proof here; try again later, or push it with a token';
  }
  return mailed(proofs, certificate.primary.key.fingerprint, addresses);
}

async function mailed(proofs: Proofs, fingerprint: string, addresses: readonly string[]): Promise<string> {
  let later = 0;
  // That an address wants no mails is not for others to know.
  for (const address of addresses) if ((await proofs.mail(address, [fingerprint])) === 'later') later += 1;
  if (later === addresses.length) {
    return 'it waits for a proof of its addresses; they were mailed already: look for a mail from this server, or push it again later';
  }
  return `it waits for a proof of its ${addresses.length === 1 ? 'address' : `${addresses.length} addresses`}: a mail was sent; open the link in it within 24 hours and the key is stored`;
}
