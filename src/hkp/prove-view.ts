import type { MailChoice, ProofQuestion } from './address-proofs.ts';

/** Pages about proving addresses. */
export interface ProveView {
  /** The form that has a mail sent. */
  askForMail(): string;
  /** The question of a mail; answering it takes the token along. */
  prove(question: ProofQuestion & { readonly token: string }): string;
  /** Whether this server may send mails to an address. */
  mails(choice: MailChoice): string;
}
