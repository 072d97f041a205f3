/* Requests as the soak makes them: from an address of its own, and on bare connections. */
import { Agent, request } from 'node:http';
import { connect } from 'node:net';

/** @typedef {{ host: string, port: number }} Place */

/** @typedef {{ status: number, text: string, milliseconds: number }} Answered */

/** Milliseconds after which an honest client gives up. */
const PATIENCE = 30_000;

/** A client with an address of its own on this host: the keystore counts by address. */
export class Client {
  #place;
  #from;
  #agent = new Agent({ keepAlive: true, maxSockets: 16 });

  /**
   * @param {Place} place
   * @param {string} from
   */
  constructor(place, from) {
    this.#place = place;
    this.#from = from;
  }

  /**
   * @param {string} target
   * @param {{ body?: string | Buffer, headers?: Record<string, string> }} [more] with a body it is a POST
   * @returns {Promise<Answered>}
   */
  ask(target, { body, headers = {} } = {}) {
    const began = performance.now();
    const method = body === undefined ? 'GET' : 'POST';
    const options = {
      ...this.#place,
      localAddress: this.#from,
      agent: this.#agent,
      path: target,
      method,
      headers,
    };
    return new Promise((resolve, reject) => {
      const sent = request({ ...options, timeout: PATIENCE }, (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk) => (text += chunk));
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, text, milliseconds: performance.now() - began }),
        );
        answer.on('error', reject);
      });
      sent.on('timeout', () => sent.destroy(new Error(`no answer within ${PATIENCE / 1000} s`)));
      sent.on('error', reject);
      sent.end(body);
    });
  }

  /** @param {string} keytext */
  push(keytext) {
    return this.ask('/pks/add', {
      body: new URLSearchParams({ keytext }).toString(),
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    });
  }

  close() {
    this.#agent.destroy();
  }
}

/**
 * A connection that `speak` talks on until the service cuts it, or `limit` milliseconds are over. Gives how it ended.
 *
 * @param {import('node:net').NetConnectOpts} at
 * @param {(socket: import('node:net').Socket) => void} speak
 * @param {{ limit: number, ending: AbortSignal }} options
 * @returns {Promise<'cut' | 'kept' | 'refused'>}
 */
export function connection(at, speak, { limit, ending }) {
  return new Promise((resolve) => {
    const socket = connect(at);
    let open = false;
    let kept = false;
    const stop = () => {
      kept = true;
      socket.destroy();
    };
    const late = setTimeout(stop, limit);
    ending.addEventListener('abort', stop);
    socket.on('connect', () => {
      open = true;
      speak(socket);
    });
    socket.on('data', () => undefined);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(late);
      ending.removeEventListener('abort', stop);
      resolve(kept ? 'kept' : open ? 'cut' : 'refused');
    });
  });
}

/**
 * Waits, and no longer than the soak lasts.
 *
 * @param {number} milliseconds
 * @param {AbortSignal} ending
 */
export function pause(milliseconds, ending) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      ending.removeEventListener('abort', done);
      resolve(undefined);
    };
    const timer = setTimeout(done, milliseconds);
    ending.addEventListener('abort', done);
  });
}

/** @typedef {{ tally: import('./tally.mjs').Tally, ending: AbortSignal }} Attacking */

/**
 * Does something over and over, `atOnce` at a time, with a pause of `every` milliseconds.
 *
 * @param {Attacking} attacking
 * @param {string} attack
 * @param {{ atOnce: number, every: number }} pace
 * @param {(turn: number) => Promise<string>} act says what came of it
 */
export async function repeat({ tally, ending }, attack, { atOnce, every }, act) {
  let turn = 0;
  const one = async () => {
    while (!ending.aborted) {
      turn += 1;
      const outcome = await act(turn).catch(() => 'cut');
      if (!ending.aborted) tally.attacked(attack, outcome);
      await pause(every, ending);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}
