/* Who proved which address, and keys that wait for it. */
import type { Context } from 'koa';
import { ClientBudget } from '../access/client-budget.ts';
import { refusedBudget } from '../access/rate-limit.ts';
import type {
  AddressProofs,
  MailChoice,
  ProofAnswer,
  ProofQuestion,
  ProvenAddress,
} from '../hkp/address-proofs.ts';
import type { Submit } from '../hkp/submission.ts';
import { HttpError } from '../http/error.ts';
import { parseCertificate } from '../openpgp/certificate.ts';
import type { Certificate } from '../openpgp/certificate.ts';
import { certificateState } from '../openpgp/state.ts';
import { CLIENT_MAIL_BUDGET, MAX_CARRIERS, MAX_KEYS_PER_MAIL } from './limits.ts';
import { addressesOn, mailAddress } from './mail-address.ts';
import type { AddressesOnKey } from './mail-address.ts';
import { mailboxOf, Outbox, tokenHash } from './outbox.ts';
import type { OutboxParts, Posting } from './outbox.ts';
import { PROOF_KIND, QUESTION_KIND, readProof, readQuestion, STOPPED_KIND } from './proof-record.ts';
import { WaitingKeys } from './waiting-keys.ts';

export interface ProofsParts extends OutboxParts {
  /** Stores a key that waited. */
  readonly submit: Submit;
  /** What the client of a request is counted as. */
  readonly clientOf: (ctx: Context) => string;
}

export class Proofs implements AddressProofs {
  readonly waiting: WaitingKeys;
  readonly #parts: ProofsParts;
  readonly #outbox: Outbox;
  readonly #clients = new ClientBudget(CLIENT_MAIL_BUDGET);

  constructor(parts: ProofsParts) {
    this.#parts = parts;
    this.#outbox = new Outbox(parts);
    this.waiting = new WaitingKeys(parts.keystore, parts.now);
  }

  async ask(ctx: Context, text: string, fingerprint?: string): Promise<void> {
    const address = mailAddress(text);
    if (address === undefined) {
      throw new HttpError('BAD_REQUEST', 'this is no e-mail address that a mail can be sent to');
    }
    const wait = await this.countMail(this.#parts.clientOf(ctx));
    if (wait !== undefined) throw refusedBudget(wait, 'mails asked for from your network');
    // Neither the answer nor its time is to tell whether the address is on a key.
    this.#outbox.inBackground(this.#mailAsked(address, fingerprint), mailboxOf(address));
  }

  /** Counts one mail of a client; the milliseconds to wait when it may have no more sent. */
  async countMail(client: string): Promise<number | undefined> {
    return this.#clients.spend(this.#clients.counterOf(client));
  }

  /** Asks about those of the keys first, then about others that carry the address. Nothing when there are none. */
  async mail(address: string, first: readonly string[]): Promise<Posting | 'nothing'> {
    const all = new Set([
      ...first,
      ...(await this.#held(address)),
      ...(await this.waiting.carrying(address)),
    ]);
    const open: string[] = [];
    for (const fingerprint of all) {
      if (open.length === MAX_KEYS_PER_MAIL) break;
      if (!(await this.isProven(fingerprint, address))) open.push(fingerprint);
    }
    return open.length === 0 ? 'nothing' : this.#outbox.post(address, open);
  }

  async question(token: string): Promise<ProofQuestion | undefined> {
    return (await this.#question(token))?.record;
  }

  async answer(token: string, fingerprints: readonly string[]): Promise<ProofAnswer | undefined> {
    const found = await this.#question(token);
    if (found === undefined) return undefined;
    const { id, version, record } = found;
    const chosen = [...new Set(fingerprints)];
    if (chosen.length === 0) throw new HttpError('BAD_REQUEST', 'choose the keys that are yours');
    if (!chosen.every((one) => record.fingerprints.includes(one))) {
      throw new HttpError('BAD_REQUEST', 'this link is about other keys');
    }
    if (!(await this.#parts.keystore.putDocument(QUESTION_KIND, id, undefined, version))) return undefined;
    return this.#prove(record.address, chosen);
  }

  async proven(fingerprint: string): Promise<readonly ProvenAddress[]> {
    const document = await this.#parts.keystore.document(PROOF_KIND, fingerprint);
    return document === undefined ? [] : readProof(document);
  }

  async isProven(fingerprint: string, address: string): Promise<boolean> {
    return (await this.proven(fingerprint)).some((one) => one.address === address);
  }

  /** The addresses on a certificate as of now, without those that are proven for it. */
  async unproven(certificate: Certificate): Promise<AddressesOnKey & { readonly proven: number }> {
    const { addresses, others } = this.addresses(certificate);
    const proven = await this.proven(certificate.primary.key.fingerprint);
    const open = addresses.filter((address) => !proven.some((one) => one.address === address));
    return { addresses: open, others, proven: addresses.length - open.length };
  }

  addresses(certificate: Certificate): AddressesOnKey {
    return addressesOn(certificateState(certificate, Math.floor(this.#parts.now() / 1000)));
  }

  async mailChoice(of: string, key: string): Promise<MailChoice | undefined> {
    if (!/^[0-9a-f]{32}$/.test(of) || !(await this.#outbox.isMailboxKey(of, key))) return undefined;
    const stopped = (await this.#parts.keystore.document(STOPPED_KIND, of)) !== undefined;
    return { of, key, stopped };
  }

  async chooseMail(of: string, key: string, stopped: boolean): Promise<MailChoice> {
    const { keystore, now } = this.#parts;
    if ((await this.mailChoice(of, key)) === undefined) {
      throw new HttpError('BAD_REQUEST', 'this link is not whole; take it from a mail of this server');
    }
    const version = (await keystore.document(STOPPED_KIND, of))?.version ?? 0;
    // When it is lost, somebody who read the same mail chose at the same moment.
    if (stopped !== version > 0) {
      await keystore.putDocument(STOPPED_KIND, of, stopped ? { time: now() } : undefined, version);
    }
    return { of, key, stopped };
  }

  /** Resolves when every mail that was begun is handed in, or failed. */
  settled(): Promise<void> {
    return this.#outbox.settled();
  }

  async #question(token: string) {
    if (!/^[0-9a-f]{64}$/.test(token)) return undefined;
    const id = tokenHash(token);
    const document = await this.#parts.keystore.document(QUESTION_KIND, id);
    const record = document === undefined ? undefined : readQuestion(document);
    if (document === undefined || record === undefined || record.expires <= this.#parts.now())
      return undefined;
    return { id, version: document.version, record };
  }

  /** Others may have put the address on more keys than a mail names. */
  async #mailAsked(address: string, fingerprint: string | undefined): Promise<void> {
    const named = fingerprint?.replace(/\s/g, '').replace(/^0x/i, '').toUpperCase() ?? '';
    const known = /^(?:[0-9A-F]{40}|[0-9A-F]{64})$/.test(named);
    const bytes = known
      ? ((await this.waiting.bytes(named)) ?? (await this.#parts.keystore.bytes(named)))
      : undefined;
    await this.mail(address, bytes !== undefined && this.#carries(bytes, address) ? [named] : []);
  }

  #carries(bytes: Uint8Array, address: string): boolean {
    return this.addresses(parseCertificate(bytes)).addresses.includes(address);
  }

  async #held(address: string): Promise<string[]> {
    const { keystore } = this.#parts;
    const page = await keystore.find([{ kind: 'email', value: address }], { limit: MAX_CARRIERS });
    const carriers: string[] = [];
    for (const fingerprint of page.fingerprints) {
      const bytes = await keystore.bytes(fingerprint);
      if (bytes !== undefined && this.#carries(bytes, address)) carriers.push(fingerprint);
    }
    return carriers;
  }

  async #prove(address: string, fingerprints: readonly string[]): Promise<ProofAnswer> {
    const proven: string[] = [];
    const stored: string[] = [];
    const waiting: string[] = [];
    for (const fingerprint of fingerprints) {
      const bytes = await this.waiting.bytes(fingerprint);
      if (bytes === undefined && (await this.#parts.keystore.bytes(fingerprint)) === undefined) continue;
      await this.#write(fingerprint, address);
      proven.push(fingerprint);
      this.#parts.log.info('address proven', { fingerprint, mailbox: mailboxOf(address) });
      if (bytes === undefined) continue;
      if ((await this.unproven(parseCertificate(bytes))).addresses.length > 0) {
        waiting.push(fingerprint);
        continue;
      }
      const { accepted } = await this.#parts.submit(bytes, { noModification: false });
      if (accepted.length > 0) stored.push(fingerprint);
      await this.waiting.forget(fingerprint);
    }
    return { address, proven, stored, waiting };
  }

  async #write(fingerprint: string, address: string): Promise<void> {
    const { keystore, now } = this.#parts;
    for (;;) {
      const document = await keystore.document(PROOF_KIND, fingerprint);
      const others = (document === undefined ? [] : readProof(document)).filter(
        (one) => one.address !== address,
      );
      const addresses = [...others, { address, time: now() }].toSorted((a, b) =>
        a.address < b.address ? -1 : 1,
      );
      // Lost against a proof of another address of the key: write both.
      if (await keystore.putDocument(PROOF_KIND, fingerprint, { addresses }, document?.version ?? 0)) return;
    }
  }
}
