import type { CertificateState } from '../openpgp/state.ts';
import { commandBlock } from './command-block.ts';
import { html, type Markup } from './markup.ts';

/** Lines for the policy of the trust daemon, with the whole fingerprint. */
export function policySnippet(certificate: CertificateState): Markup {
  return html`<section aria-labelledby="policy">
    <h2 id="policy">Trust it on a host</h2>
    <p>
      When you have compared the fingerprint: these lines in <code>policy.toml</code> name the signer. A rule
      says for which images it counts.
    </p>
    ${commandBlock('policy.toml', [
      '[[signer]]',
      `name = "${signerName(certificate)}"`,
      `keys = ["${certificate.fingerprint}"]`,
    ])}
  </section>`;
}

/** Letters, digits and hyphens of the first address, as nothing else that others wrote may get into a policy. */
export function signerName({ userIds, keyId }: CertificateState): string {
  const local = /^[^@]*/.exec(userIds[0]?.email ?? '')?.[0] ?? '';
  const name = local
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 32);
  return name === '' ? `key-${keyId.toLowerCase()}` : name;
}
