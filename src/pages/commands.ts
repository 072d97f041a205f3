import { commandBlock } from './command-block.ts';
import { html, type Markup } from './markup.ts';
import { serverAddress } from './server-address.ts';

/** Commands to copy for each client. `origin` is the public address, scheme and host. */
export function commands(origin: string | undefined): Markup {
  const { url, keyserver, note } = serverAddress(origin);
  const sif = (program: string): readonly string[] => [
    `${program} key push --url ${url} FINGERPRINT`,
    `${program} key search --url ${url} alice@example.org`,
    `${program} key pull --url ${url} FINGERPRINT`,
  ];
  return html`<section aria-labelledby="commands">
    <h2 id="commands">From a terminal</h2>
    ${note} ${commandBlock('Singularity', sif('singularity'))} ${commandBlock('Apptainer', sif('apptainer'))}
    ${commandBlock('GnuPG', [
      `gpg --keyserver ${keyserver} --send-keys FINGERPRINT`,
      `gpg --keyserver ${keyserver} --search-keys alice@example.org`,
      `gpg --keyserver ${keyserver} --recv-keys FINGERPRINT`,
    ])}
    ${commandBlock('curl', [
      `curl --data-urlencode keytext@key.asc ${url}/pks/add`,
      `curl '${url}/pks/lookup?op=index&options=mr&search=alice@example.org'`,
      `curl '${url}/pks/lookup?op=get&search=0xFINGERPRINT'`,
    ])}
  </section>`;
}
