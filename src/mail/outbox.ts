import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { ClientBudget } from '../access/client-budget.ts';
import type { Keystore } from '../keystore/keystore.ts';
import { serverSecret } from '../keystore/server-secret.ts';
import type { Log } from '../log.ts';
import * as limits from './limits.ts';
import { proofMail } from './mail-text.ts';
import type { Mailer } from './mailer.ts';
import { MAILBOX_KIND, QUESTION_KIND, readMailbox, STOPPED_KIND } from './proof-record.ts';
import type { MailboxRecord, QuestionRecord } from './proof-record.ts';
import { Shelf } from './shelf.ts';

export interface OutboxParts {
  readonly keystore: Keystore;
  readonly mailer: Mailer;
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** That many octets nobody can foresee. */
  readonly random: (octets: number) => Uint8Array;
  /** The public address of this server. */
  readonly server: string;
}

/** `later`: as many mails as may be were sent to it, or by this server. `stopped`: its reader wants none. */
export type Posting = 'posted' | 'later' | 'stopped';

/** Mails that ask for proofs, and how many of them there may be. */
export class Outbox {
  readonly #parts: OutboxParts;
  readonly #budget = new ClientBudget(limits.SERVER_MAIL_BUDGET);
  readonly #questions: Shelf;
  readonly #mailboxes: Shelf;
  readonly #underWay = new Set<Promise<void>>();

  constructor(parts: OutboxParts) {
    this.#parts = parts;
    this.#questions = new Shelf(parts.keystore, QUESTION_KIND, limits.MAX_WAITING);
    this.#mailboxes = new Shelf(parts.keystore, MAILBOX_KIND, limits.MAX_MAILBOXES);
  }

  /** Writes the question down and hands it to the mail server behind the back of the caller; failures are logged. */
  async post(address: string, fingerprints: readonly string[]): Promise<Posting> {
    const { keystore, now, random, server } = this.#parts;
    const of = mailboxOf(address);
    if ((await keystore.document(STOPPED_KIND, of)) !== undefined) return 'stopped';
    const date = now();
    if (!(await this.#mayMail(of, date))) return 'later';
    const token = Buffer.from(random(limits.TOKEN_OCTETS)).toString('hex');
    const expires = date + limits.TOKEN_LIFETIME;
    const question: QuestionRecord = { address, fingerprints, expires };
    await keystore.putDocument(QUESTION_KIND, tokenHash(token), question, 0);
    const key = await this.mailboxKey(of);
    const mail = proofMail({ to: address, server, fingerprints, token, mailbox: { of, key }, expires, date });
    const sent = this.#parts.mailer
      .send(mail)
      .then(() => this.#parts.log.info('mail handed in', { mailbox: of }));
    this.inBackground(sent, of);
    return 'posted';
  }

  /** What in a mail shows that it was sent to this address. */
  async mailboxKey(of: string): Promise<string> {
    const secret = await serverSecret(this.#parts.keystore, 'mails');
    return createHmac('sha256', secret).update(of).digest('hex').slice(0, 32);
  }

  async isMailboxKey(of: string, key: string): Promise<boolean> {
    const right = Buffer.from(await this.mailboxKey(of));
    const given = Buffer.from(key);
    return given.length === right.length && timingSafeEqual(given, right);
  }

  /** A failure is logged without the address: what mail servers say often has it. */
  inBackground(work: Promise<unknown>, of: string): void {
    const done = work.then(
      () => undefined,
      (error: unknown) => this.#parts.log.error('mail not handed in', { mailbox: of, why: codeOf(error) }),
    );
    this.#underWay.add(done);
    void done.finally(() => this.#underWay.delete(done));
  }

  /** Resolves when everything that was begun has ended. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  /** Counts the mail when it may be sent. */
  async #mayMail(of: string, date: number): Promise<boolean> {
    const { keystore } = this.#parts;
    for (;;) {
      const document = await keystore.document(MAILBOX_KIND, of);
      const before = document === undefined ? [] : readMailbox(document).sent;
      const sent = before.filter((time) => date - time < limits.MAIL_WINDOW);
      if (sent.length >= limits.MAX_MAILS_PER_ADDRESS) return false;
      if (date - (sent.at(-1) ?? -Infinity) < limits.MAIL_INTERVAL) return false;
      if (document === undefined && !(await this.#mailboxes.hasRoom(date))) return false;
      const record: MailboxRecord = { sent: [...sent, date], expires: date + limits.MAIL_WINDOW };
      // Lost against a mail to the same address at the same moment: count that one, too.
      if (await keystore.putDocument(MAILBOX_KIND, of, record, document?.version ?? 0)) break;
    }
    return this.#budget.spend('all') === undefined && this.#questions.hasRoom(date);
  }
}

/** Stands for an address where the address itself is not to be written. */
export function mailboxOf(address: string): string {
  return createHash('sha256').update(address).digest('hex').slice(0, 32);
}

/** All that is kept of a token. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Of nodemailer (`EAUTH`) or Node.js (`ECONNREFUSED`). */
function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : error instanceof Error ? error.name : 'unknown';
}
