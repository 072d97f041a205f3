import { html, type Markup } from './markup.ts';

/** Stands for the server's address when the operator has not configured one. */
const UNKNOWN_ORIGIN = 'https://KEYSERVER';

/**
 * The address as gpg takes it: `hkp` means HTTP on port 11371 unless a port is given, `hkps` HTTPS on 443
 * (draft-shaw-openpgp-hkp-00 §7, gpg's dirmngr).
 */
function hkpAddress(origin: string): string {
  const url = new URL(origin);
  if (url.protocol === 'https:') return `hkps://${url.host}`;
  return `hkp://${url.hostname}:${url.port === '' ? '80' : url.port}`;
}

function block(title: string, lines: readonly string[]): Markup {
  return html`<h3>${title}</h3>
    <pre><code>${lines.join('\n')}</code></pre>`;
}

/** Commands to copy for each client. `origin` is the public address, scheme and host. */
export function commands(origin: string | undefined): Markup {
  const url = (origin ?? UNKNOWN_ORIGIN).replace(/\/+$/u, '');
  const keyserver = origin === undefined ? url.replace('https', 'hkps') : hkpAddress(url);
  const sif = (program: string): readonly string[] => [
    `${program} key push --url ${url} FINGERPRINT`,
    `${program} key search --url ${url} alice@example.org`,
    `${program} key pull --url ${url} FINGERPRINT`,
  ];
  return html`<h2 id="commands">From a terminal</h2>
    ${
      origin === undefined &&
      html`<p class="hint">
        Put this server's address for <code>KEYSERVER</code>. The operator can set <code>public_url</code> to
        have it shown here.
      </p>`
    }
    ${block('Singularity', sif('singularity'))} ${block('Apptainer', sif('apptainer'))}
    ${block('GnuPG', [
      `gpg --keyserver ${keyserver} --send-keys FINGERPRINT`,
      `gpg --keyserver ${keyserver} --search-keys alice@example.org`,
      `gpg --keyserver ${keyserver} --recv-keys FINGERPRINT`,
    ])}
    ${block('curl', [
      `curl --data-urlencode keytext@key.asc ${url}/pks/add`,
      `curl '${url}/pks/lookup?op=index&options=mr&search=alice@example.org'`,
      `curl '${url}/pks/lookup?op=get&search=0xFINGERPRINT'`,
    ])}`;
}
