import type { TokensPage } from '../hkp/html.ts';
import { commandBlock } from './command-block.ts';
import { layout } from './layout.ts';
import { html, type Markup } from './markup.ts';
import { serverAddress } from './server-address.ts';

const MODES: Readonly<Record<TokensPage['mode'], string>> = {
  open: 'Everybody may push keys to this server: you need no token.',
  token: 'To push a key to this server you need a token. Everybody may search and pull without one.',
  owner:
    'To push a key to this server you need a token, and it says which addresses or fingerprints it is for. Everybody may search and pull without one.',
  closed: 'Only the administrators of this server push keys to it. Everybody may search and pull.',
};

/** `/auth/tokens`: where `singularity remote login` sends people for a token. */
export function tokens({ mode, origin }: TokensPage): string {
  return layout(
    'Tokens',
    html`<h1>Tokens</h1>
      <p>${MODES[mode]}</p>
      ${mode !== 'open' && loggingIn(origin)}`,
  );
}

function loggingIn(origin: string | undefined): Markup {
  const { url, note } = serverAddress(origin);
  return html`<p>
      Tokens are made by the operator of this server, one for each person or program; there is no form for
      them here. Whoever has your token can push in your name: keep it as you keep a password.
    </p>
    <h2>When you have one</h2>
    ${note} ${commandBlock('Singularity', [`singularity keyserver login ${url}`])}
    ${commandBlock('Apptainer', [`apptainer keyserver login ${url}`])}

    <p>
      It is asked for on the <a href="/push">page for pushing</a> too. A revocation of a key that is here is
      taken from anybody who has it, without a token.
    </p>
    <h2>For the operator</h2>
    ${commandBlock('Make a token', ['vouch keystore token add alice --expires 90d'])}`;
}
