/**
 * The yardstick: node:http and nothing else, every answer ready in memory under its address.
 * `node bare-server.mjs ANSWERS` prints its address. ANSWERS.index has a line for each answer, address and
 * length; ANSWERS holds the bodies in the same order.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const [, , file = ''] = process.argv;
const bodies = readFileSync(file);
/** @type {Map<string, Buffer>} */
const answers = new Map();
let offset = 0;
for (const line of readFileSync(`${file}.index`, 'utf8').trimEnd().split('\n')) {
  const [address = '', length] = line.split(' ');
  answers.set(address, bodies.subarray(offset, (offset += Number(length))));
}

const server = createServer((request, response) => {
  const body = answers.get(request.url ?? '');
  if (body === undefined) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': body.length });
  response.end(body);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) console.log(`http://127.0.0.1:${address.port}`);
});
