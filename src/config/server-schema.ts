/*
 * The keys of `server.toml`: their types, bounds and defaults. Each field carries one sentence that says
 * what is allowed; `check-settings.ts` puts the name of the key before it.
 */
import { z } from 'zod';
import { isNetwork, NETWORK_FORM } from './network.ts';
import { choice, integer, listenAddress, listOf, logLevel, table, text } from './schema-parts.ts';
import type { ServerConfig } from './server-config.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const HOUR_SECONDS = 3600;

const network = z.string({ error: NETWORK_FORM }).refine(isNetwork, { error: NETWORK_FORM });
const networks = listOf(network, 'must be a list of networks, such as ["10.0.0.0/8"]');

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

const FINGERPRINT_FORM = 'must be a full fingerprint, 40 or 64 hexadecimal digits';

// People paste fingerprints as tools print them: in groups, in either case, with 0x.
const fingerprint = z
  .string({ error: FINGERPRINT_FORM })
  .transform((value) => value.replace(/\s/g, '').replace(/^0x/i, '').toUpperCase())
  .refine((digits) => /^(?:[0-9A-F]{40}|[0-9A-F]{64})$/.test(digits), { error: FINGERPRINT_FORM });

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

const settings = table({
  listen: listenAddress.prefault('127.0.0.1:11371'),
  data: text('must be the path of a folder').default('var'),
  public_url: publicUrl.optional(),
  log_level: logLevel.default('info'),
  third_party: choice(['strip', 'keep', 'attested', 'same-store']).default('strip'),
  blocked: listOf(fingerprint, 'must be a list of fingerprints').default([]),
  limits: limits.prefault({}),
  rate_limits: rateLimits.prefault({}),
});

/** The keys each table of the file may have; `''` is the file itself. For messages. */
export const TABLE_KEYS: ReadonlyMap<string, readonly string[]> = new Map([
  ['', Object.keys(settings.shape)],
  ['limits', Object.keys(limits.shape)],
  ['rate_limits', Object.keys(rateLimits.shape)],
  ['rate_limits.lookups', Object.keys(lookups.shape)],
  ['rate_limits.pushes', Object.keys(pushes.shape)],
]);

export const serverSchema: z.ZodType<ServerConfig> = settings.transform((given): ServerConfig => ({
  listen: given.listen,
  data: given.data,
  publicUrl: given.public_url,
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
}));
