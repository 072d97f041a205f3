/* What strangers do to a keystore, each from addresses of its own. Every attack goes on until it is told to end. */
import { armor } from '../../build/openpgp/armor.js';
import { splitPackets } from '../../build/openpgp/packet.js';
import { ed25519Primary, writeCertificate } from '../bench/certificate-writer.mjs';
import { Client, connection, pause, repeat } from './exchange.mjs';

/** @typedef {import('./exchange.mjs').Attacking & { place: import('./exchange.mjs').Place }} Attacked */

const CREATED = 1_704_067_200;
const MIB = 1024 * 1024;

/** Sockets that say nothing, from so many hosts: more than the keystore has places for. */
const IDLE_SOCKETS = 10_000;
const IDLE_HOSTS = 20;
/** New ones in a second: connecting is work for both sides. */
const IDLE_RATE = 500;

/** Valid signatures by its own key, all on one user ID. */
function manySignatures(/** @type {number} */ count) {
  const primary = ed25519Primary(CREATED);
  const [key, userId] = splitPackets(
    writeCertificate(primary, CREATED, { userIds: ['Many <many@example.org>'] }),
  );
  const signatures = Array.from({ length: count }, (_, second) => {
    const [, , signature] = splitPackets(
      writeCertificate(primary, CREATED + second, { userIds: ['Many <many@example.org>'] }),
    );
    return signature?.raw ?? Buffer.of();
  });
  return Buffer.concat([key?.raw ?? Buffer.of(), userId?.raw ?? Buffer.of(), ...signatures]);
}

/** What is slow to match, to fold or to compare, for code that is not careful. */
const TRAPS = [
  'a',
  'a!',
  '(a+)+$',
  '\ufdfa',
  '\u0301',
  '\u202e',
  '<@.',
  ' ',
  '0x',
  '\ud83d\udc68\u200d',
  '%',
  'a b ',
];

/** Characters: as long as a search may be, and longer than an address may be. */
const TRAP_LENGTHS = [250, 1000, 60_000];

/** @param {Attacked} attacked */
function floods(attacked) {
  const { place } = attacked;
  const [lookups, pushes] = [new Client(place, '127.0.0.2'), new Client(place, '127.0.0.3')];
  const garbage = armor(Buffer.alloc(2000, 0x99));
  return [
    repeat(attacked, 'flood of lookups', { atOnce: 8, every: 0 }, async (turn) =>
      String((await lookups.ask(`/pks/lookup?op=index&search=nobody${turn}`)).status),
    ),
    repeat(attacked, 'flood of pushes', { atOnce: 4, every: 0 }, async () =>
      String((await pushes.push(garbage)).status),
    ),
  ];
}

/** @param {Attacked} attacked */
function slowOnes(attacked) {
  const { place, ending } = attacked;
  const at = (/** @type {string} */ localAddress) => ({ ...place, localAddress });
  const drip = (/** @type {import('node:net').Socket} */ socket, /** @type {string} */ text) => {
    const timer = setInterval(() => socket.write(text), 1000);
    socket.once('close', () => clearInterval(timer));
  };
  const limits = { limit: 120_000, ending };
  return [
    repeat(attacked, 'slow headers', { atOnce: 300, every: 100 }, () =>
      connection(
        at('127.0.0.4'),
        (socket) => {
          socket.write('GET / HTTP/1.1\r\n');
          drip(socket, 'X');
        },
        limits,
      ),
    ),
    repeat(attacked, 'slow bodies', { atOnce: 100, every: 100 }, () =>
      connection(
        at('127.0.0.5'),
        (socket) => {
          socket.write('POST /pks/add HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\n');
          drip(socket, 'k');
        },
        limits,
      ),
    ),
    repeat(attacked, 'hang-ups', { atOnce: 10, every: 20 }, (turn) =>
      connection(
        at('127.0.0.8'),
        (socket) => {
          socket.write('POST /pks/add HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\nkeytext=');
          setTimeout(() => socket.destroy(), turn % 50);
        },
        limits,
      ),
    ),
  ];
}

/** @param {Attacked} attacked */
async function idleSockets(attacked) {
  const { place, tally, ending } = attacked;
  let open = 0;
  for (let turn = 0; !ending.aborted; turn += 1) {
    const localAddress = `127.0.3.${1 + (turn % IDLE_HOSTS)}`;
    if (open < IDLE_SOCKETS) {
      open += 1;
      void connection({ ...place, localAddress }, () => undefined, { limit: 3_600_000, ending }).then(
        (outcome) => {
          open -= 1;
          if (outcome !== 'kept') tally.attacked('idle sockets', outcome);
        },
      );
    }
    if (turn % (IDLE_RATE / 10) === 0) await pause(100, ending);
  }
}

/** @param {Attacked} attacked */
function largeOnes(attacked) {
  const { place, ending } = attacked;
  const limits = { limit: 60_000, ending };
  const bombs = new Client(place, '127.0.0.9');
  const signatures = new Client(place, '127.0.0.10');
  const traps = new Client(place, '127.0.0.11');
  // The smallest packets there are: a keyring of 1 MiB has 350,000 of them.
  const packets = armor(Buffer.alloc(700_000, Buffer.of(0xc2, 0)));
  const many = armor(manySignatures(1200));
  return [
    repeat(attacked, 'headers of 1 MB', { atOnce: 2, every: 100 }, () =>
      connection(
        { ...place, localAddress: '127.0.0.6' },
        (socket) => {
          socket.write(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(MIB)}\r\n\r\n`);
        },
        limits,
      ),
    ),
    repeat(attacked, 'bodies without end', { atOnce: 2, every: 100 }, () =>
      connection(
        { ...place, localAddress: '127.0.0.7' },
        (socket) => {
          socket.write('POST /pks/add HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
          const chunk = `10000\r\n${'a'.repeat(65_536)}\r\n`;
          const more = () => {
            if (!socket.destroyed) socket.write(chunk, () => setImmediate(more));
          };
          more();
        },
        limits,
      ),
    ),
    repeat(attacked, 'packet bombs', { atOnce: 1, every: 500 }, async () =>
      String((await bombs.push(packets)).status),
    ),
    repeat(attacked, '1,200 signatures', { atOnce: 1, every: 500 }, async () =>
      String((await signatures.push(many)).status),
    ),
    repeat(attacked, 'searches that trap', { atOnce: 2, every: 50 }, async (turn) => {
      const length = TRAP_LENGTHS[turn % TRAP_LENGTHS.length] ?? 0;
      const trap = (TRAPS[turn % TRAPS.length] ?? '').repeat(length).slice(0, length);
      // A pair that was cut in two is no text.
      const search = encodeURIComponent(trap.replace(/[\ud800-\udbff]$/, ''));
      return String((await traps.ask(`/pks/lookup?op=index&search=${search}`)).status);
    }),
  ];
}

/** @param {Attacked} attacked */
export function attackKeystore(attacked) {
  return [...floods(attacked), ...slowOnes(attacked), idleSockets(attacked), ...largeOnes(attacked)];
}
