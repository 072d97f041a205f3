/*
 * The keys of `server.toml`: their types, bounds and defaults. Each field carries one sentence that says
 * what is allowed; `check-settings.ts` puts the name of the key before it.
 */
import { join } from 'node:path';
import { z } from 'zod';
import { mail, MAIL_KEYS } from './mail-schema.ts';
import { isNetwork, NETWORK_FORM } from './network.ts';
import { PEER_KEYS, peers } from './peer-schema.ts';
import {
  choice,
  fingerprint,
  integer,
  listenAddress,
  listOf,
  logLevel,
  schedule,
  table,
  text,
} from './schema-parts.ts';
import type { ServerConfig } from './server-config.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const HOUR_SECONDS = 3600;

const network = z.string({ error: NETWORK_FORM }).refine(isNetwork, { error: NETWORK_FORM });
const networks = listOf(network, 'must be a list of networks, such as ["10.0.0.0/8"]');

const STORE_FORM = 'must be the address of a database, such as "postgres://vouch@db.example.org/vouch"';

/** What is wrong with it in detail is told by those who use it. */
const store = z.string({ error: STORE_FORM }).regex(/^postgres(?:ql)?:\/\//i, { error: STORE_FORM });

const PUBLIC_URL_FORM = 'must be an address clients can reach, such as "https://keys.example.org"';

const publicUrl = z.string({ error: PUBLIC_URL_FORM }).transform((value, context) => {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const web = url !== undefined && /^https?:$/.test(url.protocol);
  if (web && url.search === '' && url.hash === '' && url.username === '' && url.password === '') {
    return url.href.replace(/\/+$/, '');
  }
  context.issues.push({ code: 'custom', message: PUBLIC_URL_FORM, input: value });
  return z.NEVER;
});

const limits = table({
  max_upload_bytes: integer(KIB, 64 * MIB).default(MIB),
  certificate_bytes: integer(KIB, 8 * MIB).default(128 * KIB),
  key_bytes: integer(256, MIB).default(8383),
  signature_bytes: integer(256, MIB).default(8383),
  user_id_bytes: integer(16, 64 * KIB).default(1024),
  user_ids: integer(1, 10_000).default(64),
  subkeys: integer(1, 10_000).default(64),
  self_signatures: integer(1, 100_000).default(1024),
  page_size: integer(1, 256).default(100),
});

const budget = (requests: number, seconds: number) =>
  table({
    requests: integer(1, 1_000_000).default(requests),
    seconds: integer(1, 24 * HOUR_SECONDS).default(seconds),
  });

const lookups = budget(1000, 10);
const pushes = budget(60, 60);

const rateLimits = table({
  lookups: lookups.prefault({}),
  pushes: pushes.prefault({}),
  exempt: networks.default(['127.0.0.0/8', '::1']),
  trusted_proxies: networks.default([]),
});

const file = text('must be the path of a file');

const access = table({ mode: choice(['open', 'token', 'owner', 'closed']).default('open') });

const tls = table({ certificate: file, key: file });

const backup = table({
  folder: text('must be the path of a folder').optional(),
  keep: integer(1, 10_000).default(7),
  schedule: schedule.default('17 3 * * *'),
});

const jobs = table({
  compact: schedule.default('43 4 * * 0'),
  expiring: schedule.default('7 5 * * *'),
  tombstones: schedule.default('23 4 * * *'),
  weak_keys: schedule.default('31 4 * * 6'),
  expiring_days: integer(1, 3650).default(30),
});

const weakKeys = table({ action: choice(['flag', 'refuse']).default('flag') });

const settings = table({
  peer: peers,
  listen: listenAddress.prefault('127.0.0.1:11371'),
  data: text('must be the path of a folder').default('var'),
  store: store.optional(),
  public_url: publicUrl.optional(),
  library_url: publicUrl.optional(),
  log_level: logLevel.default('info'),
  third_party: choice(['strip', 'keep', 'attested', 'same-store']).default('strip'),
  blocked: listOf(fingerprint, 'must be a list of fingerprints').default([]),
  limits: limits.prefault({}),
  rate_limits: rateLimits.prefault({}),
  metrics_listen: listenAddress.optional(),
  access: access.prefault({}),
  tls: tls.optional(),
  backup: backup.prefault({}),
  jobs: jobs.prefault({}),
  weak_keys: weakKeys.prefault({}),
  mail: mail.optional(),
});

/** The keys each table of the file may have; `''` is the file itself. For messages. */
export const TABLE_KEYS: ReadonlyMap<string, readonly string[]> = new Map([
  ['', Object.keys(settings.shape)],
  ['limits', Object.keys(limits.shape)],
  ['rate_limits', Object.keys(rateLimits.shape)],
  ['rate_limits.lookups', Object.keys(lookups.shape)],
  ['rate_limits.pushes', Object.keys(pushes.shape)],
  ['access', Object.keys(access.shape)],
  ['tls', Object.keys(tls.shape)],
  ['backup', Object.keys(backup.shape)],
  ['jobs', Object.keys(jobs.shape)],
  ['weak_keys', Object.keys(weakKeys.shape)],
  ['mail', MAIL_KEYS],
  ['peer[]', PEER_KEYS],
]);

const ADDRESSLESS = 'needs "public_url": the mails have links to this server';
const complete = settings.refine((given) => given.mail === undefined || given.public_url !== undefined, {
  path: ['mail'],
  error: ADDRESSLESS,
});

export const serverSchema: z.ZodType<ServerConfig> = complete.transform((given): ServerConfig => ({
  listen: given.listen,
  data: given.data,
  store: given.store,
  publicUrl: given.public_url,
  libraryUrl: given.library_url,
  logLevel: given.log_level,
  thirdParty: given.third_party,
  blocked: given.blocked,
  limits: {
    uploadOctets: given.limits.max_upload_bytes,
    certificateOctets: given.limits.certificate_bytes,
    keyOctets: given.limits.key_bytes,
    signatureOctets: given.limits.signature_bytes,
    userIdOctets: given.limits.user_id_bytes,
    userIds: given.limits.user_ids,
    subkeys: given.limits.subkeys,
    selfSignatures: given.limits.self_signatures,
    pageSize: given.limits.page_size,
  },
  rateLimits: {
    lookups: given.rate_limits.lookups,
    pushes: given.rate_limits.pushes,
    exempt: given.rate_limits.exempt,
    trustedProxies: given.rate_limits.trusted_proxies,
  },
  metricsListen: given.metrics_listen,
  access: given.access,
  tls: given.tls,
  backup: {
    folder: given.backup.folder ?? join(given.data, 'backups'),
    keep: given.backup.keep,
    schedule: given.backup.schedule,
  },
  jobs: {
    compact: given.jobs.compact,
    expiring: given.jobs.expiring,
    tombstones: given.jobs.tombstones,
    weakKeys: given.jobs.weak_keys,
    expiringDays: given.jobs.expiring_days,
  },
  weakKeys: given.weak_keys,
  mail: given.mail,
  peers: given.peer,
}));
