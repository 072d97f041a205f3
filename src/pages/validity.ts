/* What is said alike of certificates, subkeys and user IDs. */
import type { KeyAlgorithm } from '../openpgp/key-algorithm.ts';
import type { Revocation } from '../openpgp/state.ts';
import { TEXT_LENGTH } from './budget.ts';
import { dateMarkup } from './date.ts';
import { hostileText } from './hostile-text.ts';
import { html, type Markup } from './markup.ts';

export interface Validity {
  readonly revoked: boolean;
  readonly expired: boolean;
}

/** Revoked says more than expired, so it stands alone when both are true. */
export function validityFlag(part: Validity): Markup | undefined {
  if (part.revoked) return html` <strong class="flag revoked">revoked</strong>`;
  if (part.expired) return html` <strong class="flag expired">expired</strong>`;
  return undefined;
}

export function algorithmName(algorithm: KeyAlgorithm): string {
  return `${algorithm.name} ${algorithm.curve ?? `${algorithm.bits} bits`}`;
}

export function lifetime(part: {
  readonly created: number;
  readonly expires?: number;
  readonly expired: boolean;
}): Markup {
  const end =
    part.expires === undefined
      ? 'does not expire'
      : html`${part.expired ? 'expired' : 'expires'} ${dateMarkup(part.expires)}`;
  return html`created ${dateMarkup(part.created)}, ${end}`;
}

/** Reason codes in words (RFC 9580 §5.2.3.31). */
const REASONS: Readonly<Record<number, string>> = {
  1: 'It was replaced by another key.',
  2: 'Its secret part has been or may have been stolen.',
  3: 'It is not used any more.',
};

export function revocationNotice(revocation: Revocation): Markup {
  return html`<p class="notice bad">
    <strong>Revoked</strong> on ${dateMarkup(revocation.at)}.
    ${REASONS[revocation.code] ?? 'The owner gave no reason.'}
    ${revocation.text !== '' && html`Reason given: “${hostileText(revocation.text, TEXT_LENGTH)}”.`}
    ${
      revocation.hard
        ? 'Do not trust anything this key signed, whenever it was signed.'
        : 'Do not trust what this key signed after that date.'
    }
  </p>`;
}

/** Shown wherever somebody might take a name for a proof. */
export const NAMES_NOTICE: Markup = html`<p class="notice">
  Names and e-mail addresses are not checked: anyone can make a key with any name. Compare the whole
  fingerprint with one you got from the key's owner.
</p>`;
