/*
 * `vouch admit IMAGE` stands before every start of an image, and most answers are a plain yes: then nothing is loaded
 * but what asks. Whatever is not plain, in the words or in the answer, is for `admit.ts`; imports are few on purpose.
 */
import { existsSync, realpathSync } from 'node:fs';
import { connect } from 'node:net';
import type { AskedImage } from './daemon/image-request.ts';
import { DEFAULT_WAIT, GRACE, MAX_ANSWER_OCTETS } from './daemon/limits.ts';
import { usualSockets } from './daemon/usual-sockets.ts';

interface PlainQuestion {
  readonly image: string;
  readonly socket: string | undefined;
  readonly quiet: boolean;
  readonly json: boolean;
}

/** The exit code; undefined when `admit.ts` has to ask. `words` are those behind `admit`. */
export async function quickAdmit(words: readonly string[]): Promise<number | undefined> {
  const question = plainQuestion(words);
  const asked = question && askedImage(question.image);
  if (question === undefined || asked === undefined) return undefined;
  const said = question.socket ?? process.env['VOUCH_SOCKET'] ?? '';
  const places = said === '' ? usualSockets(process.env, process.getuid?.() ?? 0) : [said];
  const socketPath = places.find((place) => existsSync(place));
  if (socketPath === undefined) return undefined;
  const answer = await exchange(socketPath, JSON.stringify({ images: [asked], wait_ms: DEFAULT_WAIT }));
  if (answer === undefined) return undefined;
  const { quiet } = question;
  if (quiet && answer.status === 200 && isPlainYes(answer.body)) return 0;
  const { tellQuickly } = await import('./admit.ts');
  return tellQuickly({ ...answer, socketPath }, question);
}

/** Undefined for other words than an image and the plainest flags, each given once. */
export function plainQuestion(words: readonly string[]): PlainQuestion | undefined {
  const images: string[] = [];
  const flags = new Map<string, string>();
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i] ?? '';
    const flag = FLAGS[word];
    if (flag === undefined) {
      if (word === '' || word.startsWith('-')) return undefined;
      images.push(word);
      continue;
    }
    const value = flag === 'socket' ? words[(i += 1)] : 'yes';
    if (value === undefined || value === '' || value.startsWith('-') || flags.has(flag)) return undefined;
    flags.set(flag, value);
  }
  const [image, ...others] = images;
  if (image === undefined || others.length > 0) return undefined;
  return { image, socket: flags.get('socket'), quiet: flags.has('quiet'), json: flags.has('json') };
}

const FLAGS: Readonly<Record<string, 'socket' | 'quiet' | 'json'>> = {
  '--socket': 'socket',
  '--quiet': 'quiet',
  '-q': 'quiet',
  '--json': 'json',
};

/** With links resolved, as `withImages` does it; undefined when it is not there. */
function askedImage(name: string): AskedImage | undefined {
  try {
    const octets = realpathSync.native(name, 'buffer');
    const path = octets.toString('utf8');
    return Buffer.from(path).equals(octets) ? { path } : { path_b64: octets.toString('base64') };
  } catch {
    return undefined;
  }
}

interface Exchanged {
  readonly status: number;
  readonly body: Buffer;
}

/** One request over HTTP; undefined when there is no whole answer, for whatever reason. */
function exchange(socketPath: string, body: string): Promise<Exchanged | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let octets = 0;
    const socket = connect(socketPath);
    const end = (): void => {
      resolve(answerIn(Buffer.concat(chunks)));
      socket.destroy();
    };
    socket.setTimeout(DEFAULT_WAIT + GRACE, end);
    socket.on('error', end).on('end', end);
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      octets += chunk.length;
      if (octets > MAX_ANSWER_OCTETS) end();
    });
    socket.write(
      'POST /v1/admit HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\nConnection: close\r\n' +
        `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  });
}

/** Undefined for what is not whole. */
function answerIn(octets: Buffer): Exchanged | undefined {
  const end = octets.indexOf('\r\n\r\n');
  const head = octets.toString('latin1', 0, end);
  const [, status] = /^HTTP\/1\.1 (\d{3}) /.exec(head) ?? [];
  const [, length] = /\r\ncontent-length: *(\d+)(?:\r\n|$)/i.exec(head) ?? [];
  const rest = octets.subarray(end + 4);
  const body = length === undefined ? chunksIn(rest) : rest.length === Number(length) ? rest : undefined;
  return end < 0 || status === undefined || body === undefined ? undefined : { status: Number(status), body };
}

/** A body in chunks (RFC 9112 §7.1); undefined without its end. */
function chunksIn(octets: Buffer): Buffer | undefined {
  const chunks: Buffer[] = [];
  for (let start = 0; ;) {
    const line = octets.indexOf('\r\n', start);
    const digits = octets.toString('latin1', start, line);
    if (line < 0 || !/^[0-9a-f]{1,8}$/i.test(digits)) return undefined;
    const size = Number.parseInt(digits, 16);
    if (size === 0) return Buffer.concat(chunks);
    chunks.push(octets.subarray(line + 2, line + 2 + size));
    start = line + 2 + size + 2;
  }
}

interface Yes {
  readonly api?: unknown;
  readonly verdict?: unknown;
  readonly effective?: unknown;
  readonly mode?: unknown;
  readonly waived?: unknown;
  readonly reasons?: unknown;
  readonly images?: unknown;
}

/** An answer that says in every place that it is yes, and has nothing to add. */
export function isPlainYes(body: Buffer): boolean {
  let answer: Yes;
  try {
    answer = JSON.parse(body.toString('utf8')) ?? {};
  } catch {
    return false;
  }
  const { api, mode, images } = answer;
  if (api !== 1 || mode !== 'enforce' || !Array.isArray(images) || images.length !== 1) return false;
  return [answer, images[0] as Yes | null].every(
    (one) =>
      one?.verdict === 'admit' &&
      one.effective === 'admit' &&
      one.waived === undefined &&
      Array.isArray(one.reasons) &&
      one.reasons.length === 0,
  );
}
