/* The pages that links in mails open. Opening one changes nothing: programs that look for bad links open them all. */
import type { Context } from 'koa';
import { readBody } from '../http/body.ts';
import type { AddressProofs, ProofAnswer } from './address-proofs.ts';
import { sendHtml } from './answer.ts';
import { HkpError } from './error.ts';
import type { HtmlView } from './html.ts';
import { MAX_PROVE_FORM_OCTETS } from './limits.ts';
import { Parameters } from './parameters.ts';
import { refuseCrossSite } from './same-origin.ts';
import type { HkpService } from './service.ts';

export interface ProvePages {
  readonly service: HkpService;
  readonly proofs: AddressProofs;
  readonly html: HtmlView;
}

/** `GET /prove?token=…`: the question, with a button; without a token, the form that asks for a mail. */
export async function provePage(ctx: Context, { proofs, html }: ProvePages): Promise<void> {
  ctx.set('Cache-Control', 'no-store');
  const token = new Parameters(ctx.querystring).text('token');
  if (token === undefined) {
    sendHtml(ctx, html.askForMail());
    return;
  }
  const question = await proofs.question(token);
  if (question === undefined) throw usedUp();
  sendHtml(ctx, html.prove({ ...question, token }));
}

/** `POST /prove`: the answer. */
export async function answerProof(ctx: Context, { service, proofs, html }: ProvePages): Promise<void> {
  const form = await readForm(ctx, service);
  const fingerprints = form.allRaw('fingerprint').map((one) => one.toUpperCase());
  const answer = await proofs.answer(form.text('token') ?? '', fingerprints);
  if (answer === undefined) throw usedUp();
  ctx.set('Cache-Control', 'no-store');
  const waiting = new Set(answer.waiting);
  const keys = answer.proven.filter((one) => !waiting.has(one));
  sendHtml(ctx, html.message({ title: 'Address proven', lines: sentencesOf(answer), keys }));
}

/** `POST /prove/mail`: has a mail sent, as `sendtoken` does. */
export async function mailForm(ctx: Context, { service, proofs, html }: ProvePages): Promise<void> {
  const form = await readForm(ctx, service);
  await proofs.ask(ctx, form.text('address') ?? '', form.text('fingerprint'));
  ctx.set('Cache-Control', 'no-store');
  const lines = [
    'If this address is on a key here and not proven yet, a mail is on its way',
    'The link in it works for 24 hours. An address gets no more than a few mails a day',
  ];
  sendHtml(ctx, html.message({ title: 'Look for a mail', lines }));
}

/** `GET /prove/mails?of=…&key=…`: whether this server may send mails to an address. */
export async function mailsPage(ctx: Context, { proofs, html }: ProvePages): Promise<void> {
  ctx.set('Cache-Control', 'no-store');
  const query = new Parameters(ctx.querystring);
  const choice = await proofs.mailChoice(query.text('of') ?? '', query.text('key') ?? '');
  if (choice === undefined) throw usedUp();
  sendHtml(ctx, html.mails(choice));
}

/** `POST /prove/mails`: stops them, or lets them begin again. */
export async function chooseMails(ctx: Context, { service, proofs, html }: ProvePages): Promise<void> {
  const form = await readForm(ctx, service);
  const stopped = form.text('mails') !== 'yes';
  const choice = await proofs.chooseMail(form.text('of') ?? '', form.text('key') ?? '', stopped);
  ctx.set('Cache-Control', 'no-store');
  sendHtml(ctx, html.mails(choice));
}

async function readForm(ctx: Context, { publicUrl }: HkpService): Promise<Parameters> {
  refuseCrossSite(ctx, publicUrl);
  return new Parameters((await readBody(ctx, MAX_PROVE_FORM_OCTETS)).toString('latin1'));
}

function usedUp(): HkpError {
  return new HkpError(
    'TOKEN_NOT_GOOD',
    'this link was used, has expired, or is not whole; have another mail sent',
  );
}

function sentencesOf({ address, proven, stored, waiting }: ProofAnswer): string[] {
  if (proven.length === 0) return ['None of the keys is here any more'];
  return [
    ...proven.map((one) => `${address} is proven for the key ${one}`),
    ...stored.map((one) => `The key ${one} was pushed before, and is stored now`),
    ...waiting.map((one) => `The key ${one} is stored as soon as its other addresses are proven`),
  ];
}
