/* What users of a host do to its trust daemon, through its socket. */
import { ask } from '../interop/daemon-process.mjs';
import { connection, repeat } from './exchange.mjs';

const IDLE_SOCKETS = 500;

/** @param {import('./exchange.mjs').Attacking & { socket: string, folder: string }} attacked */
export function attackDaemon(attacked) {
  const { socket, folder, ending } = attacked;
  const limits = { limit: 120_000, ending };
  const status = async (/** @type {string} */ target, /** @type {unknown} */ body) =>
    String((await ask(socket, 'POST', target, body)).status);
  return [
    repeat(attacked, 'daemon: images that are not there', { atOnce: 4, every: 5 }, (turn) =>
      status('/v1/admit', { images: [{ path: `${folder}/none${turn}.sif` }] }),
    ),
    repeat(attacked, 'daemon: paths that are none', { atOnce: 2, every: 5 }, () =>
      status('/v1/admit', { images: [{ path: `/${'../'.repeat(1300)}x` }] }),
    ),
    repeat(attacked, 'daemon: devices', { atOnce: 2, every: 10 }, () =>
      status('/v1/admit', { images: [{ path: '/dev/zero' }], wait_ms: 100 }),
    ),
    repeat(attacked, 'daemon: JSON that goes deep', { atOnce: 2, every: 50 }, () =>
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
    repeat(attacked, 'daemon: bodies without end', { atOnce: 2, every: 100 }, () =>
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
    repeat(attacked, 'daemon: idle sockets', { atOnce: IDLE_SOCKETS, every: 200 }, () =>
      connection({ path: socket }, () => undefined, limits),
    ),
    repeat(attacked, 'daemon: hang-ups', { atOnce: 4, every: 20 }, () =>
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
