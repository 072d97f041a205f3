import { randomBytes } from 'node:crypto';
import { createPushControl } from '../access/push-control.ts';
import { rateLimit } from '../access/rate-limit.ts';
import { createTokens } from '../access/tokens.ts';
import type { ServerConfig } from '../config/server-config.ts';
import { createPreview } from '../hkp/preview.ts';
import { listen } from '../http/listen.ts';
import type { Keystore } from '../keystore/keystore.ts';
import { openLevelKeystore } from '../keystore/level.ts';
import type { Log } from '../log.ts';
import { htmlView } from '../pages/view.ts';
import { keystoreApp } from './app.ts';
import { configuredSubmit, keystoreFolder } from './keystore-parts.ts';

export interface ServeParts {
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Of this program, without a `v`. */
  readonly version: string;
}

export interface KeystoreServer {
  /** Where it listens: `http://127.0.0.1:11371`. */
  readonly url: string;
  /** The folder of the store. */
  readonly folder: string;
  /** Certificates held when it started. */
  readonly certificates: number;
  /** Stops accepting, finishes the requests in flight, closes the store. May be called more than once. */
  stop(): Promise<void>;
}

/**
 * Opens the store and serves it. Throws `KeystoreError` when the store cannot be opened, `HttpError` when
 * the address cannot be listened on; nothing is left open then.
 */
export async function serveKeystore(config: ServerConfig, parts: ServeParts): Promise<KeystoreServer> {
  const folder = keystoreFolder(config);
  const keystore = await openLevelKeystore(folder, { now: parts.now });
  try {
    const { certificates } = await keystore.status();
    const listening = await listen(appOf(config, keystore, parts), config.listen);
    parts.log.info('listening', { url: listening.url, folder, certificates, version: parts.version });
    let stopping: Promise<void> | undefined;
    return {
      url: listening.url,
      folder,
      certificates,
      stop: () => (stopping ??= listening.close().then(() => keystore.close())),
    };
  } catch (error) {
    await keystore.close();
    throw error;
  }
}

function appOf(config: ServerConfig, keystore: Keystore, parts: ServeParts): ReturnType<typeof keystoreApp> {
  const { uploadOctets, pageSize } = config.limits;
  const tokens = createTokens(keystore, { now: parts.now, random: randomBytes });
  return keystoreApp({
    ...parts,
    keystore,
    submit: configuredSubmit(keystore, config),
    preview: createPreview(keystore, (forgetful) => configuredSubmit(forgetful, config)),
    html: htmlView,
    publicUrl: config.publicUrl ?? localUrl(config.listen),
    limits: { uploadOctets, pageSize },
    rateLimit: rateLimit(config.rateLimits),
    access: createPushControl({ mode: () => config.access.mode, tokens, log: parts.log }),
  });
}

/** Whoever tries the server out on one machine reaches it where it listens. */
function localUrl({ host, port }: ServerConfig['listen']): string | undefined {
  const local = host === 'localhost' || host === '::1' || host.startsWith('127.');
  if (!local || port === 0) return undefined;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
