import type { Tombstone } from '../keystore/keystore.ts';
import { isoDay } from './date.ts';
import { fingerprintMarkup } from './fingerprint.ts';
import { layout } from './layout.ts';
import { html } from './markup.ts';

const BY: Readonly<Record<Tombstone['by'], string>> = {
  operator: 'The operator of this server',
  owner: 'Its owner',
};

/** In the place of a key that is not to be here. Why is for the operator alone. */
export function removed(tombstone: Pick<Tombstone, 'fingerprint' | 'time' | 'by'>): string {
  return layout(
    'This key was removed',
    html`<h1>This key was removed</h1>
      <p class="large">${fingerprintMarkup(tombstone.fingerprint)}</p>
      <p>
        ${BY[tombstone.by]} removed or blocked it on ${isoDay(Math.floor(tombstone.time / 1000))}. It is not
        taken again.
      </p>
      <p class="notice">That a key is gone says nothing about what it signed. It is not a revocation.</p>
      <p><a href="/">Search for another key</a></p>`,
  );
}
