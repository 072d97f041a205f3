import type { Socket } from 'node:net';

/** What Node's parser reports, and what the client is told. Everything else is a plain 400. */
const ANSWERS: ReadonlyMap<string, readonly [number, string, string]> = new Map([
  [
    'HPE_HEADER_OVERFLOW',
    [431, 'Request Header Fields Too Large', 'the request line and headers are too long'],
  ],
  ['ERR_HTTP_REQUEST_TIMEOUT', [408, 'Request Timeout', 'the request took too long to arrive']],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', [413, 'Content Too Large', 'the chunk extensions are too long']],
]);

/** Answers a request that never reached the application, as far as the socket still takes an answer. */
export function answerUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable || answerStarted(socket)) {
    socket.destroy();
    return;
  }
  const [status, reason, message] = ANSWERS.get(error.code ?? '') ?? [400, 'Bad Request', 'this is not HTTP'];
  const body = `${JSON.stringify({ error: { code: status, message } })}\n`;
  const head = [
    `HTTP/1.1 ${status} ${reason}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'X-Content-Type-Options: nosniff',
    'Access-Control-Allow-Origin: *',
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}

/** A body that breaks off after the answer began must not get a second answer into the first. */
function answerStarted(socket: Socket): boolean {
  const { _httpMessage: current } = socket as Socket & { _httpMessage?: { headersSent?: boolean } };
  return current?.headersSent === true;
}
