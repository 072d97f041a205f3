import type { KeyAlgorithm } from '../openpgp/key-algorithm.ts';
import type { CertificateState, Revocation, SubkeyState, UserIdState } from '../openpgp/state.ts';
import { dateMarkup } from './date.ts';
import { fingerprintMarkup } from './fingerprint.ts';
import { hostileText } from './hostile-text.ts';
import { html, type Markup } from './markup.ts';

interface Validity {
  readonly revoked: boolean;
  readonly expired: boolean;
}

/** Revoked says more than expired, so it stands alone when both are true. */
function flag(part: Validity): Markup | undefined {
  if (part.revoked) return html` <strong class="flag revoked">revoked</strong>`;
  if (part.expired) return html` <strong class="flag expired">expired</strong>`;
  return undefined;
}

function algorithmName(algorithm: KeyAlgorithm): string {
  return `${algorithm.name} ${algorithm.curve ?? `${algorithm.bits} bits`}`;
}

function lifetime(part: {
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

function userIdItem(userId: UserIdState): Markup {
  const unusable = userId.revoked || userId.expired;
  return html`<li${unusable && html` class="void"`}>${hostileText(userId.text)}${flag(userId)}</li>`;
}

function subkeyItem(subkey: SubkeyState): Markup {
  return html`<li>
    ${fingerprintMarkup(subkey.fingerprint)}${flag(subkey)}
    <div class="facts">${algorithmName(subkey.algorithm)}, ${lifetime(subkey)}</div>
  </li>`;
}

function revocationNotice(revocation: Revocation): Markup {
  return html`<p>
    Revoked on
    ${dateMarkup(revocation.at)}.${revocation.text !== '' && html` Reason given: ${hostileText(revocation.text)}`}
    ${
      revocation.hard
        ? 'Do not trust anything this key signed, whenever it was signed.'
        : 'Do not trust what this key signed after that date.'
    }
  </p>`;
}

/** One certificate of a search result. */
export function certificateCard(certificate: CertificateState): Markup {
  const { fingerprint, subkeys, userIds, revocation } = certificate;
  const validity = certificate.revoked ? ' revoked' : certificate.expired ? ' expired' : '';
  return html`<article class="certificate${validity}">
    <h2>${fingerprintMarkup(fingerprint)}${flag(certificate)}</h2>
    ${revocation !== undefined && revocationNotice(revocation)}
    <ul class="user-ids">
      ${userIds.length > 0 ? userIds.map(userIdItem) : html`<li class="hint">no user ID</li>`}
    </ul>
    <div class="facts">
      ${algorithmName(certificate.algorithm)}, OpenPGP v${certificate.version}, ${lifetime(certificate)}
    </div>
    ${
      subkeys.length > 0 &&
      html`<details>
        <summary>${subkeys.length} ${subkeys.length === 1 ? 'subkey' : 'subkeys'}</summary>
        <ul class="user-ids">
          ${subkeys.map(subkeyItem)}
        </ul>
      </details>`
    }
    <p>${download(certificate)}</p>
  </article>`;
}

/** By the whole fingerprint. A v6 key is served in binary only: older clients stumble over its armor. */
function download({ version, fingerprint }: CertificateState): Markup {
  if (version === 6) {
    return html`<a href="/pks/lookup?op=get&amp;options=bin&amp;search=0x${fingerprint}"
      >Binary public key</a
    >`;
  }
  return html`<a href="/pks/lookup?op=get&amp;search=0x${fingerprint}">Armored public key</a>`;
}
