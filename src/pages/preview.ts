/* What a push would store, shown before it does. */
import type { PreviewEntry, PreviewPage } from '../hkp/html.ts';
import type { RefusedCertificate } from '../hkp/submission.ts';
import type { LeftOut } from '../openpgp/left-out.ts';
import type { SubkeyState, UserIdState } from '../openpgp/state.ts';
import { TEXT_LENGTH, within } from './budget.ts';
import { fingerprintMarkup } from './fingerprint.ts';
import { hostileText } from './hostile-text.ts';
import { layout } from './layout.ts';
import { html, type Insert, type Markup } from './markup.ts';
import { fileField } from './push.ts';
import { algorithmName, lifetime, revocationNotice, validityFlag } from './validity.ts';

/** Octets of the page for certificates: less than elsewhere, as it carries the upload too. */
const ENTRIES_OCTETS = 11_000;
const NAMES_OCTETS = 3_000;
const REFUSED_OCTETS = 4_000;

export function preview({ entries, more, refused, keytext }: PreviewPage): string {
  const changed = entries.filter(({ outcome }) => outcome !== 'unchanged').length;
  const heading = changed === 0 ? 'Nothing new in it' : 'Not stored yet: is this what you mean?';
  return layout(
    heading,
    html`<h1>${heading}</h1>
      ${within(entries, { octets: ENTRIES_OCTETS, show: entryCard, rest: shortEntries })}
      ${more > 0 && html`<p class="hint">And ${more} more certificates that are not shown.</p>`}
      ${refused.length > 0 && refusedList(refused)} ${confirmForm(keytext, changed > 0)}`,
  );
}

const OUTCOMES: Readonly<Record<PreviewEntry['outcome'], Markup>> = {
  inserted: html`<strong class="flag good">new here</strong>`,
  updated: html`<strong class="flag good">adds to what is here</strong>`,
  unchanged: html`<strong class="flag">already here, unchanged</strong>`,
};

function entryCard(entry: PreviewEntry): Markup {
  const { after, before, outcome, leftOut, weaknesses } = entry;
  const revoked = after.revocation !== undefined && revocationNotice(after.revocation);
  const held = new Set(before?.userIds.map(({ text }) => text));
  const weak = [...weaknesses.values()].flat();
  return html`<article class="certificate">
    <h2>${fingerprintMarkup(after.fingerprint)} ${OUTCOMES[outcome]}${validityFlag(after)}</h2>
    ${revoked}
    <div class="facts">${algorithmName(after.algorithm)}, OpenPGP v${after.version}, ${lifetime(after)}</div>
    ${weak.length > 0 && html`<p class="notice bad"><strong>Weak:</strong> ${weak.join('; ')}.</p>`}
    <h3>${after.userIds.length === 0 ? 'No names would be public' : 'Names that everyone will see'}</h3>
    <ul class="user-ids">
      ${within(after.userIds, {
        octets: NAMES_OCTETS,
        show: (userId) => userIdItem(userId, before !== undefined && !held.has(userId.text)),
        rest: (left) => html`<li class="hint">and ${left.length} more</li>`,
      })}
    </ul>
    ${subkeyCount(after.subkeys, before?.subkeys)} ${leftOut.length > 0 && leftOutList(leftOut)}
  </article>`;
}

function userIdItem(userId: UserIdState, isNew: boolean): Markup {
  const unusable = userId.revoked || userId.expired;
  return html`<li${unusable && html` class="void"`}>
    ${hostileText(userId.text, TEXT_LENGTH)}${validityFlag(userId)}${isNew && html` <strong class="flag good">new</strong>`}
  </li>`;
}

function subkeyCount(after: readonly SubkeyState[], before: readonly SubkeyState[] | undefined): Insert {
  if (after.length === 0) return html`<p class="facts">no subkeys</p>`;
  const held = new Set(before?.map(({ fingerprint }) => fingerprint));
  const added = before === undefined ? 0 : after.filter(({ fingerprint }) => !held.has(fingerprint)).length;
  return html`<p class="facts">
    ${after.length} ${after.length === 1 ? 'subkey' : 'subkeys'}${added > 0 && `, ${added} of them new`}
  </p>`;
}

function leftOutList(leftOut: readonly LeftOut[]): Markup {
  return html`<h3>Would not be kept</h3>
    <ul>
      ${leftOut.map(({ what, why, count }) => html`<li>${count} ${what}${count !== 1 && 's'}: ${why}</li>`)}
    </ul>`;
}

function shortEntries(entries: readonly PreviewEntry[]): Markup {
  return html`<ul>
    ${entries.map(({ after }) => html`<li><code>${after.fingerprint}</code></li>`)}
  </ul>`;
}

function refusedList(refused: readonly RefusedCertificate[]): Markup {
  return html`<section class="notice bad" aria-labelledby="refused">
    <h2 id="refused">Refused</h2>
    <ul>
      ${within(refused, {
        octets: REFUSED_OCTETS,
        show: ({ fingerprint, reason }) =>
          html`<li>
            ${fingerprint ?? 'One without a readable fingerprint'}: ${hostileText(reason, TEXT_LENGTH)}
          </li>`,
        rest: (left) => html`<li>and ${left.length} more</li>`,
      })}
    </ul>
  </section>`;
}

const TOKEN_FIELD = html`<details>
  <summary>I have a token for this server</summary>
  <label for="token">Token</label>
  <input id="token" name="token" type="password" autocomplete="off" spellcheck="false" />
</details>`;

function confirmForm(keytext: string | undefined, useful: boolean): Markup {
  if (!useful) return html`<p><a class="button" href="/push">Push another key</a></p>`;
  const carried =
    keytext === undefined
      ? html`<p>This upload is too large to be kept in a page: choose it once more.</p>
          ${fileField('The same file')}`
      : html`<input type="hidden" name="keytext" value="${keytext}" />`;
  return html`<form class="panel" action="/push" method="post" enctype="multipart/form-data">
    <p>Everyone can read what is stored, and others may copy it.</p>
    ${carried} ${TOKEN_FIELD}
    <p class="row"><button>Store it</button> <a href="/push">No, go back</a></p>
  </form>`;
}
