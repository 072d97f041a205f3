/* What users of a host do to its trust daemon, through its socket. */
import { ask } from '../interop/daemon-process.mjs';
import { connection, pause } from './exchange.mjs';

const IDLE_SOCKETS = 500;

/**
 * @param {{ socket: string, folder: string, tally: import('./tally.mjs').Tally, ending: AbortSignal }} attacked
 * @returns {Promise<unknown>[]}
 */
export function attackDaemon({ socket, folder, tally, ending }) {
  /**
   * @param {string} attack
   * @param {number} atOnce
   * @param {number} every
   * @param {(turn: number) => Promise<string>} act
   */
  const repeat = (attack, atOnce, every, act) => {
    let turn = 0;
    const one = async () => {
      while (!ending.aborted) {
        turn += 1;
        const outcome = await act(turn).catch(() => 'cut');
        if (!ending.aborted) tally.attacked(`daemon: ${attack}`, outcome);
        await pause(every, ending);
      }
    };
    return Promise.all(Array.from({ length: atOnce }, one));
  };
  const limits = { limit: 120_000, ending };
  const status = async (/** @type {string} */ target, /** @type {unknown} */ body) =>
    String((await ask(socket, 'POST', target, body)).status);
  return [
    repeat('images that are not there', 4, 5, (turn) =>
      status('/v1/admit', { images: [{ path: `${folder}/none${turn}.sif` }] }),
    ),
    repeat('paths that are none', 2, 5, () =>
      status('/v1/admit', { images: [{ path: `/${'../'.repeat(1300)}x` }] }),
    ),
    repeat('devices', 2, 10, () => status('/v1/admit', { images: [{ path: '/dev/zero' }], wait_ms: 100 })),
    repeat('JSON that goes deep', 2, 50, () =>
      connection(
        { path: socket },
        (one) => {
          const body = '['.repeat(60_000);
          one.write(
            `POST /v1/admit HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n`,
          );
          one.write(`Content-Length: ${body.length}\r\n\r\n${body}`);
        },
        limits,
      ),
    ),
    repeat('bodies without end', 2, 100, () =>
      connection(
        { path: socket },
        (one) => {
          one.write('POST /v1/admit HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
          const more = () => {
            if (!one.destroyed) one.write(`1000\r\n${'a'.repeat(4096)}\r\n`, () => setImmediate(more));
          };
          more();
        },
        limits,
      ),
    ),
    repeat('idle sockets', IDLE_SOCKETS, 200, () => connection({ path: socket }, () => undefined, limits)),
    repeat('hang-ups', 4, 20, () =>
      connection(
        { path: socket },
        (one) => {
          one.write('POST /v1/admit HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{');
          setTimeout(() => one.destroy(), 5);
        },
        limits,
      ),
    ),
  ];
}
