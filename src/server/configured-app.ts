import { bearsToken } from '../access/bears-token.ts';
import { createPushControl } from '../access/push-control.ts';
import { RateLimit } from '../access/rate-limit.ts';
import type { Tokens } from '../access/tokens.ts';
import type { ServerConfig } from '../config/server-config.ts';
import { createPreview } from '../hkp/preview.ts';
import type { ReadyAnswers } from '../hkp/ready-answers.ts';
import type { Application } from '../http/hardened-server.ts';
import type { Keystore } from '../keystore/keystore.ts';
import type { Log } from '../log.ts';
import { htmlView } from '../pages/view.ts';
import { withAddressProofs } from './address-proofs.ts';
import { keystoreApp } from './app.ts';
import { configuredSubmit } from './keystore-parts.ts';
import type { LimitTally } from './limit-tally.ts';
import type { ServerMetrics } from './metrics.ts';

export interface ConfiguredAppParts {
  readonly keystore: Keystore;
  /** Of this keystore; they outlive settings. */
  readonly answers: ReadyAnswers;
  readonly tokens: Tokens;
  readonly tally: LimitTally;
  /** Where they are told. */
  readonly metrics: ServerMetrics | undefined;
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Of this program, without a `v`. */
  readonly version: string;
}

/** The application as the settings want it. Throws `BAD_NETWORK`, and `NO_PASSWORD` of the mail server. */
export function configuredApp(config: ServerConfig, parts: ConfiguredAppParts): Application {
  const { keystore, tokens, metrics, log } = parts;
  const { uploadOctets, pageSize } = config.limits;
  const mode = (): ServerConfig['access']['mode'] => config.access.mode;
  const uncounted = configuredSubmit(keystore, config);
  const submit = metrics?.counted(uncounted) ?? uncounted;
  const access = createPushControl({ mode, tokens, log });
  return keystoreApp({
    keystore,
    answers: parts.answers,
    log,
    now: parts.now,
    version: parts.version,
    ...withAddressProofs(config, { submit, access, keystore, log, now: parts.now }),
    preview: createPreview(keystore, (forgetful) => configuredSubmit(forgetful, config)),
    html: htmlView,
    publicUrl: config.publicUrl ?? localUrl(config),
    limits: { uploadOctets, pageSize },
    rateLimit: new RateLimit(config.rateLimits),
    meter: parts.tally,
    discovery: { library: config.libraryUrl, mode, bearsToken: (ctx) => bearsToken(ctx, tokens) },
  });
}

/** Whoever tries the server out on one machine reaches it where it listens. */
function localUrl({ listen: { host, port }, tls }: ServerConfig): string | undefined {
  const local = host === 'localhost' || host === '::1' || host.startsWith('127.');
  if (!local || port === 0) return undefined;
  const scheme = tls === undefined ? 'http' : 'https';
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
