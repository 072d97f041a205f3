import type { MailChoice, ProofQuestion } from '../hkp/address-proofs.ts';
import { fingerprintMarkup } from './fingerprint.ts';
import { hostileText } from './hostile-text.ts';
import { layout } from './layout.ts';
import { html } from './markup.ts';

/** `GET /prove`: has a mail sent to an address. */
export function askForMail(): string {
  return layout(
    'Prove an address',
    html`<h1>Prove that an address is yours</h1>
      <p>
        A mail is sent to the address, with the fingerprints of the keys here that carry it and a link.
        Whoever reads the mail can say there which of the keys is theirs.
      </p>
      <form class="panel" action="/prove/mail" method="post">
        <label for="address">E-mail address</label>
        <input id="address" name="address" type="email" autocomplete="email" required />
        <label for="fingerprint">Fingerprint of your key, if you know it</label>
        <input id="fingerprint" name="fingerprint" autocomplete="off" spellcheck="false" />
        <p><button>Send the mail</button></p>
      </form>
      <p class="hint">
        The answer is the same whether a key carries the address or not. An address gets a few mails a day at
        most.
      </p>`,
  );
}

/** `GET /prove?token=…`: what a link in a mail asks. Only the button answers it. */
export function prove({ address, fingerprints, token }: ProofQuestion & { readonly token: string }): string {
  const [only, ...others] = fingerprints;
  const several = others.length > 0;
  return layout(
    several ? 'Are these keys yours?' : 'Is this key yours?',
    html`<h1>${several ? 'Which of these keys is yours?' : 'Is this key yours?'}</h1>
      <p>The address <strong>${hostileText(address)}</strong> is on ${several ? 'them' : 'it'}.</p>
      <form class="panel" action="/prove" method="post">
        <input type="hidden" name="token" value="${token}" />
        ${
          several
            ? html`<fieldset>
                <legend>Choose those that are yours</legend>
                ${fingerprints.map(
                  (one) =>
                    html`<p>
                      <input type="checkbox" name="fingerprint" value="${one}" id="key-${one}" />
                      <label for="key-${one}">${fingerprintMarkup(one)}</label>
                    </p>`,
                )}
              </fieldset>`
            : html`<p class="large">${fingerprintMarkup(only ?? '')}</p>
                <input type="hidden" name="fingerprint" value="${only ?? ''}" />`
        }
        <p>
          Compare every digit with what your own program shows, for instance
          <code>singularity key list --secret</code> or <code>gpg --fingerprint</code>. Others can make a key
          with your address on it.
        </p>
        <p><button>${several ? 'The chosen keys are mine' : 'This key is mine'}</button></p>
      </form>
      <p class="hint">If none is yours, close this page. Nothing has happened yet.</p>`,
  );
}

/** `GET /prove/mails`: the link that every mail ends with. */
export function mails({ of, key, stopped }: MailChoice): string {
  return layout(
    'Mails from this server',
    html`<h1>${stopped ? 'You get no mails from this server' : 'Stop mails from this server'}</h1>
      <p>
        ${
          stopped
            ? 'No mail is sent to your address, whoever asks for one. Keys with your address cannot be proven meanwhile.'
            : 'This server sends mails when somebody asks whose keys carry your address, a few a day at most.'
        }
      </p>
      <form class="panel" action="/prove/mails" method="post">
        <input type="hidden" name="of" value="${of}" />
        <input type="hidden" name="key" value="${key}" />
        <input type="hidden" name="mails" value="${stopped ? 'yes' : 'no'}" />
        <p><button>${stopped ? 'Send me mails again' : 'Send me no more mails'}</button></p>
      </form>`,
  );
}
