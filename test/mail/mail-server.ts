/* A real SMTP server on loopback that keeps what it is given, and the whole application that sends to it. */
import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { onTestFinished } from 'vitest';
import { createPushControl, type PushMode } from '../../src/access/push-control.ts';
import { createTokens, type Tokens } from '../../src/access/tokens.ts';
import type { Submit } from '../../src/hkp/submission.ts';
import { createSubmit } from '../../src/hkp/submit.ts';
import { MemoryKeystore } from '../../src/keystore/memory.ts';
import { smtpMailer, type MailerSettings } from '../../src/mail/mailer.ts';
import { Proofs } from '../../src/mail/proofs.ts';
import { provenPushes } from '../../src/mail/proven-pushes.ts';
import { clientCounter } from '../../src/mail/request-client.ts';
import { DEFAULT_CHECK_LIMITS } from '../../src/openpgp/limits.ts';
import { NOW, recordingLog, startServer, type LogLine, type TestServer } from '../hkp/harness.ts';

/** A mail as the server was given it. */
export interface Received {
  readonly from: string;
  readonly to: readonly string[];
  /** The lines of the header, unfolded. */
  readonly header: readonly string[];
  /** The body as a person reads it. */
  readonly text: string;
}

export interface MailServer {
  readonly settings: MailerSettings;
  readonly mails: Received[];
}

export async function startMailServer(options: SMTPServerOptions = {}): Promise<MailServer> {
  const mails: Received[] = [];
  const server = new SMTPServer({
    logger: false,
    authOptional: true,
    hideSTARTTLS: true,
    onData(stream, { envelope }, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => void chunks.push(chunk));
      stream.on('end', () => {
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
        const to = envelope.rcptTo.map(({ address }) => address);
        mails.push({ from, to, ...readMail(Buffer.concat(chunks).toString('latin1')) });
        done();
      });
    },
    ...options,
  });
  server.on('error', () => undefined);
  const listening = server.listen(0, '127.0.0.1');
  await new Promise((resolve) => listening.once('listening', resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const { port } = listening.address() as AddressInfo;
  return { mails, settings: { host: '127.0.0.1', port, tls: false, from: 'keys@keys.example.org' } };
}

function readMail(raw: string): Pick<Received, 'header' | 'text'> {
  const end = raw.indexOf('\r\n\r\n');
  const header = raw
    .slice(0, end)
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n');
  const body = raw.slice(end + 4);
  const quoted = header.some((line) => /^Content-Transfer-Encoding: quoted-printable/i.test(line));
  const text = quoted
    ? body
        .replace(/=\r\n/g, '')
        .replace(/=([0-9A-F]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
    : body;
  return { header, text };
}

export const HOME = 'https://keys.example.org';

export interface Proving {
  readonly server: TestServer;
  readonly mail: MailServer;
  readonly proofs: Proofs;
  readonly tokens: Tokens;
  readonly lines: LogLine[];
  mode: PushMode;
  /** Has a mail sent, by the draft's form. */
  readonly sendToken: (address: string, headers?: Record<string, string>) => Promise<Response>;
  /** All that was sent, once nothing is under way. */
  readonly mails: () => Promise<readonly Received[]>;
}

/** The application with a mail server; `proof` as in the settings. */
export async function proving(
  proof: 'offered' | 'required' = 'offered',
  mailOptions: SMTPServerOptions = {},
): Promise<Proving> {
  const mail = await startMailServer(mailOptions);
  const clock = { seconds: NOW };
  const now = (): number => clock.seconds * 1000;
  const keystore = new MemoryKeystore({ now });
  const lines: LogLine[] = [];
  const log = recordingLog(lines);
  const tokens = createTokens(keystore, { now, random: randomBytes });
  const submit: Submit = createSubmit({
    keystore,
    limits: DEFAULT_CHECK_LIMITS,
    thirdParty: 'strip',
    blocked: new Set(),
  });
  const access = createPushControl({ mode: () => made.mode, tokens, log });
  const clientOf = clientCounter(['127.0.0.0/8']);
  const proofs = new Proofs({
    keystore,
    mailer: smtpMailer(mail.settings),
    log,
    now,
    random: randomBytes,
    server: HOME,
    submit,
    clientOf,
  });
  const pushes = provenPushes(proofs, clientOf);
  const parts =
    proof === 'required'
      ? { submit: pushes.submit(submit), access: pushes.access(access) }
      : { submit, access };
  const server = await startServer({ keystore, now, log, proofs, publicUrl: HOME, ...parts });
  const made: Proving = {
    server: { ...server, clock },
    mail,
    proofs,
    tokens,
    lines,
    mode: 'open',
    sendToken: (body, headers = {}) =>
      server.get('/pks/v2/sendtoken', {
        method: 'POST',
        body,
        headers: { 'Content-Type': 'text/plain', ...headers },
      }),
    mails: async () => {
      await proofs.settled();
      return mail.mails;
    },
  };
  return made;
}

/** The token in the link of a mail. */
export function tokenIn({ text }: Received): string {
  const token = /https:\/\/keys\.example\.org\/prove\?token=([0-9a-f]{64})\r?\n/.exec(text)?.[1];
  if (token === undefined) throw new Error(`no link in: ${text}`);
  return token;
}

/** Presses the button of a page. */
export function press(
  { server }: Proving,
  path: string,
  fields: readonly (readonly [string, string])[],
  headers: Record<string, string> = {},
): Promise<Response> {
  const body = new URLSearchParams(fields.map(([name, value]) => [name, value]));
  return server.get(path, { method: 'POST', body, headers: { Accept: 'text/html', ...headers } });
}
