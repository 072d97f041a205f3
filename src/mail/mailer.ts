/* Mails by SMTP. The only file that knows nodemailer. */
import { readFileSync } from 'node:fs';
import { MailError } from './error.ts';
import { MAX_PASSWORD_OCTETS, SMTP_TIMEOUT } from './limits.ts';

/** Where mails are handed in, and in whose name. */
export interface MailerSettings {
  readonly host: string;
  readonly port: number;
  /** TLS from the first octet on (`smtps:`). Otherwise it is begun by STARTTLS, and nothing is sent without, but to this host. */
  readonly tls: boolean;
  /** The sender: an address that `mailAddress` took. */
  readonly from: string;
  readonly user?: string | undefined;
  /** Path of a file that holds the password of `user` and nothing else. */
  readonly passwordFile?: string | undefined;
}

/** One mail in plain text. `to` is an address that `mailAddress` took; the rest is made by this program alone. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** Where mails to this address can be stopped (RFC 2369 §3.2). */
  readonly unsubscribe: string;
  /** Milliseconds since 1970. */
  readonly date: number;
}

export interface Mailer {
  /** Resolves when the mail server has taken the mail; rejects with the reason when it has not. */
  send(mail: Mail): Promise<void>;
}

/** Throws `NO_PASSWORD`. Connects for each mail. */
export function smtpMailer(settings: MailerSettings): Mailer {
  const { host, port, tls, from, user, passwordFile } = settings;
  const options = {
    host,
    port,
    secure: tls,
    // Nobody listens on the way to this host itself, and its mail server has a certificate for another name.
    requireTLS: !tls && !isLoopback(host),
    ignoreTLS: !tls && isLoopback(host),
    ...(user !== undefined && {
      auth: { user, pass: passwordFile === undefined ? '' : readPassword(passwordFile) },
    }),
    connectionTimeout: SMTP_TIMEOUT,
    greetingTimeout: SMTP_TIMEOUT,
    socketTimeout: SMTP_TIMEOUT,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
  return {
    async send({ to, subject, text, unsubscribe, date }) {
      // Most servers send no mails, and the package is large.
      const { createTransport } = await import('nodemailer');
      await createTransport(options).sendMail({
        from: { name: '', address: from },
        to: { name: '', address: to },
        envelope: { from, to: [to] },
        subject,
        text,
        date: new Date(date),
        // RFC 3834 §5: no machine is to answer this.
        headers: { 'Auto-Submitted': 'auto-generated', 'List-Unsubscribe': `<${unsubscribe}>` },
      });
    },
  };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function readPassword(path: string): string {
  try {
    const octets = readFileSync(path);
    if (octets.length > MAX_PASSWORD_OCTETS) throw new RangeError('it is too long for a password');
    return octets.toString('utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    throw new MailError('NO_PASSWORD', `the password of the mail server cannot be read from ${path}`, {
      cause,
    });
  }
}
