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
import type { Budget, ServerConfig } from './server-config.ts';
import {
  BACKUP_FOLDER,
  DEFAULT_DATA,
  DEFAULT_LISTEN,
  SERVER_DEFAULTS as defaults,
} from './server-defaults.ts';

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
  max_upload_bytes: integer(KIB, 64 * MIB).default(defaults.limits.uploadOctets),
  certificate_bytes: integer(KIB, 8 * MIB).default(defaults.limits.certificateOctets),
  key_bytes: integer(256, MIB).default(defaults.limits.keyOctets),
  signature_bytes: integer(256, MIB).default(defaults.limits.signatureOctets),
  user_id_bytes: integer(16, 64 * KIB).default(defaults.limits.userIdOctets),
  user_ids: integer(1, 10_000).default(defaults.limits.userIds),
  subkeys: integer(1, 10_000).default(defaults.limits.subkeys),
  self_signatures: integer(1, 100_000).default(defaults.limits.selfSignatures),
  page_size: integer(1, 256).default(defaults.limits.pageSize),
});

const budget = ({ requests, seconds }: Budget) =>
  table({
    requests: integer(1, 1_000_000).default(requests),
    seconds: integer(1, 24 * HOUR_SECONDS).default(seconds),
  });

const lookups = budget(defaults.rateLimits.lookups);
const pushes = budget(defaults.rateLimits.pushes);

const rateLimits = table({
  lookups: lookups.prefault({}),
  pushes: pushes.prefault({}),
  exempt: networks.default([...defaults.rateLimits.exempt]),
  trusted_proxies: networks.default([...defaults.rateLimits.trustedProxies]),
});

const file = text('must be the path of a file');

const access = table({ mode: choice(['open', 'token', 'owner', 'closed']).default(defaults.access.mode) });

const tls = table({ certificate: file, key: file });

const backup = table({
  folder: text('must be the path of a folder').optional(),
  keep: integer(1, 10_000).default(defaults.backup.keep),
  schedule: schedule.default(defaults.backup.schedule),
});

const jobs = table({
  compact: schedule.default(defaults.jobs.compact),
  expiring: schedule.default(defaults.jobs.expiring),
  tombstones: schedule.default(defaults.jobs.tombstones),
  weak_keys: schedule.default(defaults.jobs.weakKeys),
  expiring_days: integer(1, 3650).default(defaults.jobs.expiringDays),
});

const weakKeys = table({ action: choice(['flag', 'refuse']).default(defaults.weakKeys.action) });

const settings = table({
  peer: peers,
  listen: listenAddress.prefault(DEFAULT_LISTEN),
  data: text('must be the path of a folder').default(DEFAULT_DATA),
  store: store.optional(),
  public_url: publicUrl.optional(),
  library_url: publicUrl.optional(),
  log_level: logLevel.default(defaults.logLevel),
  third_party: choice(['strip', 'keep', 'attested', 'same-store']).default(defaults.thirdParty),
  blocked: listOf(fingerprint, 'must be a list of fingerprints').default([...defaults.blocked]),
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
    folder: given.backup.folder ?? join(given.data, BACKUP_FOLDER),
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
