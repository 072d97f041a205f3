import type { CertificateState, UserIdState } from '../openpgp/state.ts';
import { TEXT_LENGTH } from './budget.ts';
import { fingerprintMarkup } from './fingerprint.ts';
import { hostileText } from './hostile-text.ts';
import { html, type Markup } from './markup.ts';
import { algorithmName, lifetime, revocationNotice, validityFlag } from './validity.ts';

/** The rest is on the key's own page. */
const MAX_USER_IDS = 4;

function userIdItem(userId: UserIdState): Markup {
  const unusable = userId.revoked || userId.expired;
  return html`<li${unusable && html` class="void"`}>${hostileText(userId.text, TEXT_LENGTH)}${validityFlag(userId)}</li>`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

/** One certificate of a search result. */
export function certificateCard(certificate: CertificateState): Markup {
  const { fingerprint, subkeys, userIds, revocation } = certificate;
  const validity = certificate.revoked ? ' revoked' : certificate.expired ? ' expired' : '';
  return html`<article class="certificate${validity}">
    <h2><a href="/key/${fingerprint}">${fingerprintMarkup(fingerprint)}</a>${validityFlag(certificate)}</h2>
    ${revocation !== undefined && revocationNotice(revocation)}
    <ul class="user-ids">
      ${userIds.length > 0 ? userIds.slice(0, MAX_USER_IDS).map(userIdItem) : html`<li class="hint">no user ID</li>`}
      ${userIds.length > MAX_USER_IDS && html`<li class="hint">and ${userIds.length - MAX_USER_IDS} more</li>`}
    </ul>
    <div class="facts">
      ${algorithmName(certificate.algorithm)}, OpenPGP v${certificate.version},
      ${lifetime(certificate)}${subkeys.length > 0 && `, ${count(subkeys.length, 'subkey')}`}
    </div>
    <p>
      <a href="/key/${fingerprint}">All about this key<span class="away">, ${fingerprint.slice(-8)}</span></a>
      · ${download(certificate)}
    </p>
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
