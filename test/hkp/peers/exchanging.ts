/* Keystores with peers, each a real application over a real socket, on a store in memory. */
import type { Middleware } from 'koa';
import { createPeers } from '../../../src/hkp/peers/peers.ts';
import type { Peer, PeerParts, PeerRun } from '../../../src/hkp/peers/peer.ts';
import { readPeerState } from '../../../src/hkp/peers/peer-state.ts';
import type { PeerState } from '../../../src/hkp/peers/peer-state.ts';
import type { PushControl } from '../../../src/hkp/push-permission.ts';
import { createSubmit } from '../../../src/hkp/submit.ts';
import type { Keystore } from '../../../src/keystore/keystore.ts';
import { MemoryKeystore } from '../../../src/keystore/memory.ts';
import { DEFAULT_CHECK_LIMITS } from '../../../src/openpgp/limits.ts';
import { NOW, recordingLog, startServer } from '../harness.ts';
import type { LogLine, TestServer } from '../harness.ts';

/** What a server answers instead of what it would, when it is told so. */
export interface Front {
  before?: Middleware | undefined;
}

export interface Node {
  readonly keystore: Keystore;
  readonly server: TestServer;
  readonly front: Front;
  readonly asked: string[];
  readonly lines: LogLine[];
  /** In milliseconds. */
  readonly clock: { now: number };
  /** One run of the exchange with a peer. */
  readonly exchange: (peer: Partial<Peer> & { readonly url: string }) => Promise<PeerRun | undefined>;
  readonly state: (url: string) => Promise<PeerState>;
}

export async function node(
  options: { blocked?: readonly string[]; access?: PushControl; stopping?: AbortSignal } = {},
): Promise<Node> {
  const clock = { now: NOW * 1000 };
  const now = (): number => clock.now;
  const keystore = new MemoryKeystore({ now });
  const front: Front = {};
  const asked: string[] = [];
  const lines: LogLine[] = [];
  const submit = createSubmit({
    keystore,
    limits: DEFAULT_CHECK_LIMITS,
    thirdParty: 'strip',
    blocked: new Set(options.blocked),
  });
  const server = await startServer({
    keystore,
    submit,
    now,
    access: options.access,
    rateLimit: {
      // Every request is to pass the front, which a request that may be refused does.
      spend: () => 1,
      middleware: () => async (ctx, next) => {
        asked.push(`${ctx.method} ${ctx.path}`);
        return front.before === undefined ? next() : front.before(ctx, next);
      },
    },
  });
  const stopping = options.stopping ?? new AbortController().signal;
  const parts: PeerParts = { keystore, submit, log: recordingLog(lines), now, stopping };
  return {
    keystore,
    server,
    front,
    asked,
    lines,
    clock,
    exchange: async (peer) => {
      const [one] = createPeers([peerOf(peer)], parts);
      return one?.run();
    },
    state: async (url) => (await readPeerState(keystore, 'peer', url)).state,
  };
}

function peerOf(peer: Partial<Peer> & { readonly url: string }): Peer {
  return {
    name: 'peer',
    pull: undefined,
    fingerprints: [],
    searches: [],
    push: false,
    token: () => Promise.resolve(undefined),
    ...peer,
  };
}

/** Fingerprints of all that is held, in order. */
export async function heldBy({ keystore }: Node): Promise<string[]> {
  const held: string[] = [];
  for await (const { fingerprint } of keystore.records()) held.push(fingerprint);
  return held;
}

export async function sequenceOf({ keystore }: Node): Promise<number> {
  return (await keystore.status()).sequence;
}
