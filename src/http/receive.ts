import type { ClientRequest, IncomingMessage } from 'node:http';
import { HttpError } from './error.ts';

/** The body of an answer. Hangs up and throws `ANSWER_TOO_LARGE` when it has more octets than are allowed. */
export async function receive(
  response: IncomingMessage,
  outgoing: ClientRequest,
  maxOctets: number,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let octets = 0;
  // Without an encoding a response gives buffers.
  for await (const chunk of response as AsyncIterable<Buffer>) {
    octets += chunk.length;
    if (octets > maxOctets) {
      outgoing.destroy();
      throw new HttpError('ANSWER_TOO_LARGE', `the answer has more than ${maxOctets} octets`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
