import { commands } from './commands.ts';
import { layout } from './layout.ts';
import { html } from './markup.ts';
import { searchForm } from './search-form.ts';

const PUSH = html`<h2 id="push">Push a key</h2>
  <p>
    Push the public key only. An upload that holds a secret key is refused as a whole and nothing of it is
    kept. Everyone can read what you push, names and e-mail addresses included.
  </p>
  <form action="/pks/add" method="post">
    <label for="keytext">Paste the armored public key</label>
    <textarea
      id="keytext"
      name="keytext"
      required
      spellcheck="false"
      autocomplete="off"
      placeholder="-----BEGIN PGP PUBLIC KEY BLOCK-----"
    ></textarea>
    <div class="row"><button>Push the pasted key</button></div>
  </form>
  <form action="/pks/add" method="post" enctype="multipart/form-data">
    <label for="keyfile">Or choose a file</label>
    <div class="row">
      <input id="keyfile" name="keytext" type="file" required accept=".asc,.gpg,.pgp,.key,.txt" />
      <button>Push the file</button>
    </div>
  </form>
  <p class="hint">
    A key that is already here is merged with what you push: new names, subkeys and revocations are added,
    nothing is taken away.
  </p>`;

/** `GET /` for a browser. */
export function home(facts: { readonly certificates: number; readonly origin: string | undefined }): string {
  const count = new Intl.NumberFormat('en').format(facts.certificates);
  return layout(
    'Keys for SIF images',
    html`<h1>Keys that sign SIF images</h1>
      <p>
        This server holds the public keys of people and programs that sign container images. Singularity,
        Apptainer, GnuPG, Sequoia and curl can push keys to it, search it and pull from it. It holds ${count}
        ${facts.certificates === 1 ? 'key' : 'keys'}.
      </p>
      ${searchForm('')}
      <p class="notice">
        Names and e-mail addresses are not checked. Before you trust a key, compare its whole fingerprint with
        one you got from its owner.
      </p>
      ${PUSH} ${commands(facts.origin)}`,
  );
}
