/**
 * The yardstick of admissions: node:http and nothing else on a Unix socket, one answer ready in memory.
 * `node bare-unix-server.mjs SOCKET ANSWER-FILE` prints the socket when it listens.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const [, , socket = '', file = ''] = process.argv;
const body = readFileSync(file);

const server = createServer((request, response) => {
  // The question is read to its end, as the daemon has to.
  request.resume().on('end', () => {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length });
    response.end(body);
  });
});
server.listen(socket, () => console.log(socket));
