/* What the mails say. Nothing that anybody wrote is in them but fingerprints, which are digits. */
import type { Mail } from './mailer.ts';

export interface ProofMail {
  readonly to: string;
  /** Where people reach this server; its name in the mail. */
  readonly server: string;
  readonly fingerprints: readonly string[];
  readonly token: string;
  /** Of the address, for the link that stops mails. */
  readonly mailbox: { readonly of: string; readonly key: string };
  /** Milliseconds since 1970. */
  readonly expires: number;
  readonly date: number;
}

/** Asks the reader of an address whether keys that carry it are theirs. */
export function proofMail({ to, server, fingerprints, token, mailbox, expires, date }: ProofMail): Mail {
  const unsubscribe = `${server}/prove/mails?of=${mailbox.of}&key=${mailbox.key}`;
  const several = fingerprints.length > 1;
  const lines = [
    `Your address is on ${several ? 'keys' : 'a key'} that the key server ${server} was given:`,
    '',
    ...fingerprints.map((fingerprint) => `    ${grouped(fingerprint)}`),
    '',
    `If ${several ? 'one of these keys' : 'this key'} is yours, open this page and say so there:`,
    '',
    `    ${server}/prove?token=${token}`,
    '',
    `The link works once, until ${new Date(expires).toISOString().slice(0, 16).replace('T', ' ')} UTC.`,
    'Opening it changes nothing yet. Compare the fingerprint with the one your own program shows.',
    '',
    `If ${several ? 'none of them' : 'it'} is yours, or you do not know what this is about, do nothing.`,
    '',
    `To get no more mails from this server: ${unsubscribe}`,
    '',
  ];
  const subject = several ? 'Are these keys yours?' : 'Is this key yours?';
  return { to, subject, text: lines.join('\n'), unsubscribe, date };
}

function grouped(fingerprint: string): string {
  return (fingerprint.match(/.{1,4}/g) ?? []).join(' ');
}
