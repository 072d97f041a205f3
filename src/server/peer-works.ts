/* The exchange with peers as jobs, one for each. */
import { readFile } from 'node:fs/promises';
import type { PeerSettings, ServerConfig } from '../config/server-config.ts';
import { createPeers } from '../hkp/peers/peers.ts';
import type { Peer, PeerRun } from '../hkp/peers/peer.ts';
import type { Submit } from '../hkp/submission.ts';
import type { Keystore } from '../keystore/keystore.ts';
import type { Log } from '../log.ts';
import { ServerError } from './error.ts';
import type { Work } from './job-book.ts';
import { configuredSubmit } from './keystore-parts.ts';
import { jobName } from './peer-schedules.ts';

export interface PeerNeeds {
  readonly settings: readonly PeerSettings[];
  /** When the server stops. */
  readonly stopping: AbortSignal;
  /** Of this program, without a `v`. */
  readonly version: string;
}

export interface PeerStore {
  readonly keystore: Keystore;
  /** The settings of now: limits and blocks that change count at once. */
  readonly config: () => ServerConfig;
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Throws `BAD_URL`. */
export function peerWorks({ settings, stopping, version }: PeerNeeds, store: PeerStore): readonly Work[] {
  const { keystore, config, log, now } = store;
  const submit: Submit = (bytes, options) => configuredSubmit(keystore, config())(bytes, options);
  const parts = { keystore, submit, log, now, stopping, userAgent: `vouch/${version}` };
  return createPeers(settings.map(peerOf), parts).map(({ name, run }) => ({
    name: jobName(name),
    run: async () => inWords(await run()),
  }));
}

function peerOf({ tokenFile, ...settings }: PeerSettings): Peer {
  return { ...settings, token: () => readToken(tokenFile) };
}

/** Printable ASCII without spaces: what a header can carry. */
const TOKEN = /^[\x21-\x7e]{1,1024}$/;

/** Throws `BAD_FILE`; what is in the file is not in the message. */
async function readToken(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  let text: string;
  try {
    text = (await readFile(path, 'utf8')).trim();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ServerError('BAD_FILE', `cannot read the token in ${path}: ${reason}`, { cause });
  }
  if (!TOKEN.test(text)) throw new ServerError('BAD_FILE', `${path} does not hold a token and nothing else`);
  return text;
}

function inWords(run: PeerRun | undefined): string {
  if (run === undefined) return 'left alone for a while, after it failed again and again';
  const { fetched, inserted, updated, refused, pushed, refusedThere, waiting, removedThere } = run;
  const parts = [
    `fetched ${fetched}: ${inserted} new, ${updated} updated, ${refused} refused`,
    `pushed ${pushed}, ${refusedThere} not taken there`,
  ];
  if (waiting > 0) parts.push(`${waiting} to be tried again`);
  if (removedThere > 0) parts.push(`${removedThere} removed there, held here`);
  return parts.join('; ');
}
