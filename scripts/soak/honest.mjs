/* Clients that want something: every answer is looked at, and how long it took. */
import { armor } from '../../build/openpgp/armor.js';
import { ed25519Primary, writeCertificate } from '../bench/certificate-writer.mjs';
import { ask } from '../interop/daemon-process.mjs';
import { Client, pause } from './exchange.mjs';

const CREATED = 1_704_067_200;

/** Milliseconds between two questions of one kind: below every budget. */
const LOOKUP_EVERY = 100;
const PUSH_EVERY = 2000;
const ADMIT_EVERY = 100;

/** @typedef {import('./tally.mjs').Tally} Tally */

/**
 * @param {{ tally: Tally, ending: AbortSignal }} soak
 * @param {string} what
 * @param {number} every
 * @param {() => Promise<string | undefined>} act says what is wrong with an answer
 */
async function keepAsking({ tally, ending }, what, every, act) {
  while (!ending.aborted) {
    const began = performance.now();
    const wrong = await act().catch((error) => String(error));
    if (ending.aborted) return;
    tally.waited(what, performance.now() - began);
    if (wrong !== undefined) tally.failed(`${what}: ${wrong}`);
    await pause(every, ending);
  }
}

/** @param {{ place: import('./exchange.mjs').Place, tally: Tally, ending: AbortSignal }} soak */
export async function honestKeystoreClients({ place, ...soak }) {
  const reader = new Client(place, '127.0.1.1');
  const owner = new Client(place, '127.0.1.2');
  const stranger = new Client(place, '127.0.1.3');
  const first = ownKey(0);
  const pushed = await owner.push(first.text);
  if (pushed.status !== 200) throw new Error(`the first push: ${pushed.status} ${pushed.text}`);
  let made = 0;
  const fetched = async (
    /** @type {string} */ fingerprint,
    /** @type {string} */ text,
    /** @type {Client} */ client,
  ) => {
    const answer = await client.ask(`/pks/lookup?op=get&options=mr&search=0x${fingerprint}`);
    return answer.status === 200 && answer.text === text
      ? undefined
      : `${answer.status} ${answer.text.slice(0, 80)}`;
  };
  await Promise.all([
    keepAsking(soak, 'lookup', LOOKUP_EVERY, () => fetched(first.fingerprint, first.text, reader)),
    // Somebody who comes for the first time: a new connection.
    keepAsking(soak, 'lookup, new connection', 500, async () => {
      const fresh = new Client(place, '127.0.1.3');
      const wrong = await fetched(first.fingerprint, first.text, fresh);
      fresh.close();
      return wrong;
    }),
    keepAsking(soak, 'search', LOOKUP_EVERY, async () => {
      const { status } = await stranger.ask('/pks/lookup?op=index&options=mr&search=honest0@example.org');
      return status === 200 ? undefined : String(status);
    }),
    keepAsking(soak, 'push', PUSH_EVERY, async () => {
      made += 1;
      const key = ownKey(made);
      const { status, text } = await owner.push(key.text);
      return status === 200 ? fetched(key.fingerprint, key.text, owner) : `${status} ${text}`;
    }),
  ]);
}

/** @param {number} number */
function ownKey(number) {
  const primary = ed25519Primary(CREATED);
  const octets = writeCertificate(primary, CREATED, { userIds: [`Honest <honest${number}@example.org>`] });
  return { fingerprint: primary.fingerprint.toString('hex').toUpperCase(), text: armor(octets) };
}

/** @param {{ socket: string, image: string, tally: Tally, ending: AbortSignal }} soak */
export async function honestUsers({ socket, image, ...soak }) {
  await Promise.all([
    keepAsking(soak, 'admit', ADMIT_EVERY, async () => {
      const { status, text } = await ask(socket, 'POST', '/v1/admit', { images: [{ path: image }] });
      return status === 200 && text.includes('"effective":"admit"')
        ? undefined
        : `${status} ${text.slice(0, 200)}`;
    }),
    keepAsking(soak, 'readyz', 1000, async () => {
      const { status, text } = await ask(socket, 'GET', '/readyz');
      return status === 200 ? undefined : `${status} ${text}`;
    }),
  ]);
}
