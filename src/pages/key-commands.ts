import type { CertificateState } from '../openpgp/state.ts';
import { commandBlock } from './command-block.ts';
import { html, type Markup } from './markup.ts';
import { serverAddress } from './server-address.ts';

/** Commands that fetch one key, to copy for each client. */
export function keyCommands({ version, fingerprint }: CertificateState, origin: string | undefined): Markup {
  const { url, keyserver, note } = serverAddress(origin);
  const sif = (program: string): readonly string[] => [
    `${program} key pull --url ${url} ${fingerprint}`,
    `${program} verify --url ${url} IMAGE.sif`,
  ];
  // Old clients cannot read a version 6 certificate, so there is no use in showing them the way.
  const old =
    version === 4 &&
    html`${commandBlock('Singularity', sif('singularity'))} ${commandBlock('Apptainer', sif('apptainer'))}
    ${commandBlock('GnuPG', [`gpg --keyserver ${keyserver} --recv-keys ${fingerprint}`])}`;
  return html`<section aria-labelledby="commands">
    <h2 id="commands">Get it</h2>
    ${note} ${old} ${commandBlock('Vouch', sif('vouch'))}
  </section>`;
}
