/* Octets on a connection to one of the services, and what came back. */
import { connect } from 'node:net';

/** A service that was told that nothing more comes ends the connection sooner. Milliseconds. */
const PATIENCE = 30_000;

/** Stands in a request for the length of what follows its head. */
const LENGTH = 'Content-Length: *';

/**
 * @param {import('node:net').NetConnectOpts} at
 * @param {Uint8Array} octets a request, its length as `*` so that a changed body is a whole one
 * @returns {Promise<string>} everything that came back, one character an octet
 */
export function exchange(at, octets) {
  return new Promise((resolve, reject) => {
    const socket = connect(at);
    let received = '';
    const late = setTimeout(() => {
      socket.destroy();
      reject(
        new Error(`broken promise: a connection that said all is closed; so far: ${received.slice(0, 200)}`),
      );
    }, PATIENCE);
    socket.on('data', (chunk) => (received += chunk.toString('latin1')));
    // A service may close before it has read everything.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(late);
      resolve(received);
    });
    socket.end(withLength(Buffer.from(octets)));
  });
}

/** @param {Buffer} octets */
function withLength(octets) {
  const head = octets.indexOf('\r\n\r\n');
  const place = octets.indexOf(LENGTH);
  if (head < 0 || place < 0 || place > head) return octets;
  const length = Buffer.from(`Content-Length: ${octets.length - head - 4}`);
  return Buffer.concat([octets.subarray(0, place), length, octets.subarray(place + LENGTH.length)]);
}

/** Answers that say that something is wrong with the service itself. 501 and 505 are about the request. */
const FAILED = /^HTTP\/1\.1 (?:500|502|503|504)/m;

/** @param {string} received */
export function refuseFailure(received) {
  if (FAILED.test(received))
    throw new Error(`broken promise: no request makes a 5xx: ${received.slice(0, 400)}`);
}

/**
 * A request of these lines; a body follows an empty line.
 *
 * @param {string} line
 * @param {string} [body]
 * @param {readonly string[]} [headers]
 */
export function requestOf(line, body, headers = []) {
  const length = body === undefined ? [] : [LENGTH];
  const head = [`${line} HTTP/1.1`, 'Host: localhost', 'Connection: close', ...headers, ...length];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body ?? ''}`);
}

/** What requests are made of that servers get wrong. */
export const HTTP_WORDS = [
  '%00',
  '%ff',
  '%',
  '%2e%2e%2f',
  '&',
  '&&',
  '+',
  '\r\n',
  '\r\n\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Content-Encoding: gzip\r\n',
  'Expect: 100-continue\r\n',
  'Accept: text/html\r\n',
  'Content-Type: application/json\r\n',
  'Content-Type: multipart/form-data; boundary=x\r\n',
  'Authorization: Bearer x\r\n',
  'If-None-Match: *\r\n',
  'X-Forwarded-For: 1.2.3.4\r\n',
  'Content-Length: 18446744073709551616\r\n',
  '0\r\n\r\n',
  'ffffffffffffffff\r\n',
  '\u202e',
  '\ufdfa',
  '"__proto__":',
  '\\ud800',
  '1e400',
];
