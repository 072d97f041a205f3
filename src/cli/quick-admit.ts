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
  const socketPath = socketOf(question);
  if (socketPath === undefined) return undefined;
  const answer = await exchange(socketPath, JSON.stringify({ images: [asked], wait_ms: DEFAULT_WAIT }));
  if (answer === undefined) return undefined;
  if (question.quiet && answer.status === 200 && isPlainYes(answer.body)) return 0;
  const { tellQuickly } = await import('./admit.ts');
  return tellQuickly({ ...answer, socketPath }, question);
}

/** Undefined for other words than an image and the plainest flags, each given once. */
export function plainQuestion(words: readonly string[]): PlainQuestion | undefined {
  const given = new Map<string, string>();
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const flag = FLAGS.get(word);
    const name = flag ?? 'image';
    const value = flag === undefined ? word : flag === 'socket' ? rest.shift() : 'yes';
    if (value === undefined || value === '' || value.startsWith('-') || given.has(name)) return undefined;
    given.set(name, value);
  }
  const image = given.get('image');
  if (image === undefined) return undefined;
  return { image, socket: given.get('socket'), quiet: given.has('quiet'), json: given.has('json') };
}

const FLAGS: ReadonlyMap<string, string> = new Map([
  ['--socket', 'socket'],
  ['--quiet', 'quiet'],
  ['-q', 'quiet'],
  ['--json', 'json'],
]);

/** Undefined when there is none. */
function socketOf({ socket }: PlainQuestion): string | undefined {
  const said = socket ?? process.env['VOUCH_SOCKET'] ?? '';
  const places = said === '' ? usualSockets(process.env, process.getuid?.() ?? 0) : [said];
  return places.find((place) => existsSync(place));
}

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

type Fields = Readonly<Record<string, unknown>>;

/** An answer about one image that says in every place that it is yes, and has nothing to add. */
export function isPlainYes(body: Buffer): boolean {
  let answer: unknown;
  try {
    answer = JSON.parse(body.toString('utf8'));
  } catch {
    return false;
  }
  if (!isFields(answer) || answer['api'] !== 1 || answer['mode'] !== 'enforce') return false;
  const { images } = answer;
  if (!Array.isArray(images) || images.length !== 1) return false;
  return [answer, ...images].every(isYes);
}

function isYes(one: unknown): boolean {
  if (!isFields(one)) return false;
  const { reasons } = one;
  const isAdmitted =
    one['verdict'] === 'admit' && one['effective'] === 'admit' && one['waived'] === undefined;
  return isAdmitted && Array.isArray(reasons) && reasons.length === 0;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}
