/* The page of one key. */
import type { Change } from '../keystore/keystore.ts';
import type { KeyPage } from '../hkp/html.ts';
import type { CertificateState, SubkeyState, UserIdState } from '../openpgp/state.ts';
import { LIST_OCTETS, TEXT_LENGTH, within } from './budget.ts';
import { copyButton } from './copy-button.ts';
import { dateMarkup } from './date.ts';
import { fingerprintMarkup } from './fingerprint.ts';
import { hostileText } from './hostile-text.ts';
import { keyCommands } from './key-commands.ts';
import { layout } from './layout.ts';
import { html, type Insert, type Markup } from './markup.ts';
import { policySnippet } from './policy-snippet.ts';
import { fingerprintQrCode } from './qr-code.ts';
import { timeLine } from './time-line.ts';
import { algorithmName, lifetime, NAMES_NOTICE, revocationNotice, validityFlag } from './validity.ts';

/** A third of it for user IDs, as much for subkeys. */
const PART_OCTETS: number = LIST_OCTETS / 3;

export function key(page: KeyPage): string {
  const { certificate } = page;
  const name = certificate.userIds[0]?.text ?? 'A key without a name';
  return layout(
    `${name.slice(0, 80)} · key ${certificate.keyId}`,
    html`<h1>${hostileText(name, TEXT_LENGTH)}${validityFlag(certificate)}</h1>
      ${certificate.revocation !== undefined && revocationNotice(certificate.revocation)}
      ${certificate.expired && !certificate.revoked && EXPIRED} ${NAMES_NOTICE}
      ${fingerprintSection(certificate)}
      <div class="columns">
        <section aria-labelledby="names">
          <h2 id="names">Names on it</h2>
          ${userIdList(page)}
        </section>
        <section aria-labelledby="facts">
          <h2 id="facts">The key</h2>
          ${facts(page)}
        </section>
      </div>
      <section aria-labelledby="valid">
        <h2 id="valid">Validity</h2>
        ${timeLine(certificate, page.now)}
      </section>
      ${certificate.subkeys.length > 0 && subkeySection(page)} ${keyCommands(certificate, page.origin)}
      ${!certificate.revoked && !certificate.expired && policySnippet(certificate)} ${historySection(page)}`,
  );
}

const EXPIRED = html`<p class="notice">
  <strong>Expired.</strong> Its owner may have extended it since: ask for a newer copy.
</p>`;

function fingerprintSection({ fingerprint }: CertificateState): Markup {
  return html`<section class="panel identity" aria-labelledby="fingerprint">
    <div>
      <h2 id="fingerprint">Fingerprint</h2>
      <p class="large">${fingerprintMarkup(fingerprint)}</p>
      <p>${copyButton(fingerprint, 'the fingerprint')}</p>
      <p class="hint">
        This is the key; the name is only a claim. Have the owner read it to you, or take it from a page that
        you trust for another reason, and compare all ${fingerprint.length} digits.
      </p>
    </div>
    ${fingerprintQrCode(fingerprint)}
  </section>`;
}

function userIdList({ certificate: { userIds }, proven }: KeyPage): Markup {
  if (userIds.length === 0) return html`<p class="hint">No user ID.</p>`;
  const times = new Map(proven.map(({ address, time }) => [address, time]));
  return html`<ul class="user-ids">
      ${within(userIds, {
        octets: PART_OCTETS,
        show: (userId) => userIdItem(userId, times.get(onlyAddress(userId) ?? '')),
        rest: (left) => moreItem(left.length, 'names'),
      })}
    </ul>
    ${times.size > 0 && PROVEN}`;
}

/** A second address in the name would look as proven as the one in brackets. */
function onlyAddress({ text, email }: UserIdState): string | undefined {
  return text.normalize('NFKC').split('@').length === 2 ? email?.toLowerCase() : undefined;
}

const PROVEN = html`<p class="hint">
  “Address proven” says that whoever reads mail there said that this key is theirs. It says nothing about the
  name.
</p>`;

/** `proven` is when its address was, in milliseconds. */
function userIdItem(userId: UserIdState, proven: number | undefined): Markup {
  const unusable = userId.revoked || userId.expired;
  const flag =
    proven !== undefined &&
    html` <strong class="flag good">address proven ${dateMarkup(Math.floor(proven / 1000))}</strong>`;
  return html`<li${unusable && html` class="void"`}>
    ${hostileText(userId.text, TEXT_LENGTH)}${validityFlag(userId)}${flag}
    <div class="facts">claimed on ${dateMarkup(userId.created)}</div>
  </li>`;
}

function moreItem(count: number, what: string): Markup {
  return html`<li class="hint">and ${count} more ${what}, in the key itself</li>`;
}

function fact(name: string, value: Insert): Markup {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;
}

function facts({ certificate, weaknesses, octets }: KeyPage): Markup {
  const { algorithm, created, expires, fingerprint, keyId, version } = certificate;
  return html`<dl>
    ${fact('Algorithm', algorithmName(algorithm))} ${fact('Strength', strength(weaknesses.get(fingerprint)))}
    ${fact('Created', dateMarkup(created))}
    ${fact(certificate.expired ? 'Expired' : 'Expires', expires === undefined ? 'never' : dateMarkup(expires))}
    ${fact('Key ID', html`<code>${keyId}</code>`)}
    ${fact('Format', `OpenPGP version ${version}, ${octets} octets`)}
    ${fact('Public key', downloads(certificate))}
  </dl>`;
}

function strength(weaknesses: readonly string[] | undefined): Markup {
  if (weaknesses === undefined || weaknesses.length === 0) return html`nothing weak found`;
  return html`<strong class="flag revoked">weak</strong> ${weaknesses.join('; ')}`;
}

/** A v6 key is served in binary only: older clients stumble over its armor. */
function downloads({ version, fingerprint }: CertificateState): Markup {
  const address = `/pks/lookup?op=get&search=0x${fingerprint}`;
  const binary = html`<a href="${address}&amp;options=bin">binary</a>`;
  return version === 6 ? binary : html`<a href="${address}">armored</a>, ${binary}`;
}

/** Key flags (RFC 9580 §5.2.3.29). */
const PURPOSES: readonly (readonly [number, string])[] = [
  [0x01, 'certifies'],
  [0x02, 'signs'],
  [0x0c, 'encrypts'],
  [0x20, 'authenticates'],
];

function subkeySection({ certificate, weaknesses }: KeyPage): Markup {
  const show = (subkey: SubkeyState): Markup => subkeyItem(subkey, weaknesses.get(subkey.fingerprint));
  return html`<section aria-labelledby="subkeys">
    <h2 id="subkeys">Subkeys</h2>
    <p class="hint">The owner signed each of them with the primary key.</p>
    <ul class="subkeys">
      ${within(certificate.subkeys, {
        octets: PART_OCTETS,
        show,
        rest: (left) => moreItem(left.length, 'subkeys'),
      })}
    </ul>
  </section>`;
}

function subkeyItem(subkey: SubkeyState, weaknesses: readonly string[] | undefined): Markup {
  const purposes = PURPOSES.filter(([flags]) => (subkey.flags & flags) !== 0).map(([, word]) => word);
  return html`<li>
    ${fingerprintMarkup(subkey.fingerprint)}${validityFlag(subkey)}
    <div class="facts">
      ${algorithmName(subkey.algorithm)}, ${purposes.join(', ') || 'no purpose given'},
      ${lifetime(subkey)}${weaknesses !== undefined && html`<br />${strength(weaknesses)}`}
    </div>
  </li>`;
}

const KINDS: Readonly<Record<Change['kind'], string>> = {
  inserted: 'stored here for the first time',
  updated: 'something was added',
  removed: 'removed',
  unblocked: 'permitted again',
};

function historySection({ history, historyCut }: KeyPage): Markup {
  return html`<section aria-labelledby="history">
    <h2 id="history">History on this server</h2>
    <ul class="history">
      ${history.map(
        ({ time, kind, sequence }) =>
          html`<li>
            ${dateMarkup(Math.floor(time / 1000))} ${KINDS[kind]} <span class="hint">change ${sequence}</span>
          </li>`,
      )}
    </ul>
    ${historyCut && html`<p class="hint">There are older changes.</p>`}
  </section>`;
}
