/* The keys of a `[[peer]]` table of `server.toml`. */
import { z } from 'zod';
import { choice, fingerprint, listOf, schedule, table, text } from './schema-parts.ts';
import type { PeerSettings } from './server-config.ts';

const MAX_PEERS = 32;
const MAX_LISTED = 10_000;

const URL_FORM =
  'must be the address of a keystore without a password, such as "https://keys.example.org" or "hkp://keys.example.org"';

const url = z.string({ error: URL_FORM }).refine((value) => hostOf(value) !== undefined, { error: URL_FORM });

const NAME_FORM = 'must be a name of at most 64 letters, digits and ".", "-", "_", ":"';
const name = z.string({ error: NAME_FORM }).regex(/^[\w.:-]{1,64}$/, { error: NAME_FORM });

const ADDRESSES_FORM = 'must be a list of e-mail addresses';
const address = z
  .string({ error: ADDRESSES_FORM })
  .max(254, { error: ADDRESSES_FORM })
  .regex(/^[^\s<>@]+@[^\s<>@]+$/, { error: ADDRESSES_FORM });

const FINGERPRINTS_FORM = 'must be a list of fingerprints';

const fields = table({
  name: name.optional(),
  url,
  pull: choice(['changes', 'list']).optional(),
  fingerprints: listOf(fingerprint, FINGERPRINTS_FORM)
    .max(MAX_LISTED, { error: FINGERPRINTS_FORM })
    .default([]),
  searches: listOf(address, ADDRESSES_FORM).max(MAX_LISTED, { error: ADDRESSES_FORM }).default([]),
  push: z.boolean({ error: 'must be true or false' }).default(false),
  token_file: text('must be the path of a file').optional(),
  schedule: schedule.default('*/5 * * * *'),
});

/** The keys it may have. */
export const PEER_KEYS: readonly string[] = Object.keys(fields.shape);

const peer = fields.transform((given, context): PeerSettings => {
  const listed = given.fingerprints.length + given.searches.length > 0;
  const fault = (message: string): void => {
    context.issues.push({ code: 'custom', message, input: given });
  };
  if (given.pull === undefined && !given.push)
    fault('needs "pull" or "push": there is nothing to do otherwise');
  if (given.pull === 'list' && !listed) fault('needs "fingerprints" or "searches" for pull = "list"');
  if (given.pull !== 'list' && listed)
    fault('has "fingerprints" or "searches", which only pull = "list" uses');
  return {
    name: given.name ?? hostOf(given.url) ?? '',
    url: given.url,
    pull: given.pull,
    fingerprints: given.fingerprints,
    searches: given.searches,
    push: given.push,
    tokenFile: given.token_file,
    schedule: given.schedule,
  };
});

const PEERS_FORM = `must be [[peer]] tables, ${MAX_PEERS} at the most`;

export const peers: z.ZodType<readonly PeerSettings[]> = listOf(peer, PEERS_FORM)
  .max(MAX_PEERS, { error: PEERS_FORM })
  .refine((all) => new Set(all.map((one) => one.name)).size === all.length, {
    error: 'must have different names; two of the same host need a "name" each',
  })
  .default([]);

/** Host and port as they are written; undefined when it is no address of a keystore. */
function hostOf(value: string): string | undefined {
  const rest = /^(?:https?|hkps?):\/\/(.+)$/i.exec(value)?.[1];
  if (rest === undefined || !URL.canParse(`http://${rest}`)) return undefined;
  const { host, username, password } = new URL(`http://${rest}`);
  return username === '' && password === '' ? host : undefined;
}
