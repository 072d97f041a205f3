import { request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

export interface UnixAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export interface UnixQuestion {
  readonly method?: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * One request on a Unix socket. A body that is not text is sent as JSON. A machine may let fewer connections wait than
 * a test makes at once (net.core.somaxconn): whoever finds no place tries again.
 */
export async function askUnix(socketPath: string, question: UnixQuestion): Promise<UnixAnswer> {
  for (;;) {
    try {
      return await askOnce(socketPath, question);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
      await pause(10);
    }
  }
}

function askOnce(
  socketPath: string,
  { method, path, body, headers = {} }: UnixQuestion,
): Promise<UnixAnswer> {
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        socketPath,
        path,
        method: method ?? (text === undefined ? 'GET' : 'POST'),
        headers: { ...(text !== undefined && { 'Content-Type': 'application/json' }), ...headers },
        agent: false,
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            text: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    asked.on('error', reject);
    asked.end(text);
  });
}
