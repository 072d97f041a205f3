/* Who may push: the four modes of a keystore, over the tokens it knows. */
import type { Context } from 'koa';
import type { Permission, PushControl, Pusher } from '../hkp/push-permission.ts';
import { HttpError } from '../http/error.ts';
import { unauthorized } from '../http/unauthorized.ts';
import type { Log } from '../log.ts';
import type { Certificate } from '../openpgp/certificate.ts';
import { ClientBudget } from './client-budget.ts';
import { credentialsOf, type Credentials } from './credentials.ts';
import { DEFAULT_TOKEN_BUDGET, type Budget } from './limits.ts';
import { fitsRules } from './owner-rules.ts';
import { refusedBudget } from './rate-limit.ts';
import type { BadToken, Tokens } from './tokens.ts';
import type { TokenRecord } from './token.ts';

/**
 * `open`: anybody pushes anything. `token`: whoever has a token does. `owner`: the rules of the token have to
 * fit. `closed`: only administrators push. In all but the last anybody may bring a revocation.
 */
export type PushMode = 'open' | 'token' | 'owner' | 'closed';

export interface PushControlParts {
  /** Asked for every push: a mode may change while the server runs. */
  readonly mode: () => PushMode;
  readonly tokens: Tokens;
  readonly log: Log;
  /** Pushes of one token; by default those of one address. */
  readonly budget?: Budget;
}

const ALL: Permission = { kind: 'all' };

const LOG_IN =
  'log in with "singularity keyserver login" and the address of this server, and push without --url (a push with --url is always anonymous)';

const ANONYMOUS =
  `this server takes keys only with a token: ask its operator for one, then ${LOG_IN}` as const;

const BAD: Readonly<Record<BadToken | 'unreadable', string>> = {
  unknown: `this token is not known here: ${LOG_IN}`,
  revoked: `this token was revoked: ask the operator of this server for another, then ${LOG_IN}`,
  expired: `this token has expired: ask the operator of this server for another, then ${LOG_IN}`,
  unreadable: `these credentials cannot be read here; send a token as "Authorization: Bearer": ${LOG_IN}`,
};

export function createPushControl({ mode, tokens, log, budget }: PushControlParts): PushControl {
  const pushes = new ClientBudget(budget ?? DEFAULT_TOKEN_BUDGET);

  const holderOf = async (credentials: Credentials): Promise<TokenRecord | undefined> => {
    if (credentials.kind === 'none') return undefined;
    const found = credentials.kind === 'token' ? await tokens.verify(credentials.text) : credentials.kind;
    if (typeof found !== 'string') return found;
    log.warn('credentials refused', { why: found });
    throw unauthorized(BAD[found], 'error="invalid_token"');
  };

  return {
    async pusher(ctx: Context, formToken?: string): Promise<Pusher> {
      const holder = await holderOf(credentialsOf(ctx, formToken));
      if (holder === undefined) return anonymous(mode());
      const wait = pushes.spend(holder.id);
      if (wait !== undefined) throw refusedBudget(wait, 'pushes with this token');
      return bearer(holder, mode());
    },
    async checkCredentials(ctx: Context): Promise<void> {
      await holderOf(credentialsOf(ctx));
    },
  };
}

function anonymous(mode: PushMode): Pusher {
  switch (mode) {
    case 'open':
      return { permits: () => Promise.resolve(ALL) };
    case 'token':
    case 'owner':
      return { permits: () => Promise.resolve({ kind: 'revocations', reason: ANONYMOUS }) };
    case 'closed':
      throw unauthorized(`this server is closed: only its administrators push keys. ${capital(LOG_IN)}`);
  }
}

function bearer({ name, role, rules }: TokenRecord, mode: PushMode): Pusher {
  if (mode === 'closed' && role !== 'admin') {
    throw new HttpError('FORBIDDEN', 'this server is closed: only its administrators push keys');
  }
  const permission = (certificate: Certificate): Permission =>
    mode !== 'owner' || role === 'admin' || fitsRules(certificate, rules)
      ? ALL
      : { kind: 'revocations', reason: 'the token that came with it is for other keys' };
  return { name, permits: (certificate) => Promise.resolve(permission(certificate)) };
}

function capital(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
