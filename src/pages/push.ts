import { layout } from './layout.ts';
import { html, type Markup } from './markup.ts';

/** `GET /push`: one form for both ways. What it sends is shown before anything is stored. */
export function push(): string {
  return layout(
    'Push a key',
    html`<h1>Push a key</h1>
      <p>
        Send the public key only. An upload that holds a secret key is refused as a whole, and nothing of it
        is kept. You will see what would be stored before it is.
      </p>
      <form class="panel" action="/push/preview" method="post" enctype="multipart/form-data">
        <label for="keytext">Paste the armored public key</label>
        <textarea
          id="keytext"
          name="keytext"
          spellcheck="false"
          autocomplete="off"
          autocapitalize="off"
          placeholder="-----BEGIN PGP PUBLIC KEY BLOCK-----"
        ></textarea>
        <p class="or">or</p>
        ${fileField('Choose a file, armored or binary')}
        <p><button>See what would be stored</button></p>
      </form>
      <p class="notice">
        Everyone can read what is stored, names and e-mail addresses included, and others may copy it. A key
        that is already here is merged with what you push: new names, subkeys and revocations are added,
        nothing is taken away.
      </p>
      <p class="hint">
        To export a key: <code>gpg --armor --export FINGERPRINT</code>, or
        <code>singularity key export key.asc</code>.
      </p>`,
  );
}

export function fileField(label: string): Markup {
  return html`<label for="keyfile">${label}</label>
    <input id="keyfile" name="keytext" type="file" accept=".asc,.gpg,.pgp,.key,.txt" />`;
}
