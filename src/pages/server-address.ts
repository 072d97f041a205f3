import { html, type Markup } from './markup.ts';

/** Stands for the server's address when the operator has not configured one. */
const UNKNOWN_ORIGIN = 'https://KEYSERVER';

const NOTE = html`<p class="hint">
  Put this server's address for <code>KEYSERVER</code>. The operator can set <code>public_url</code> to have
  it shown here.
</p>`;

export interface ServerAddress {
  /** Without a slash at its end. */
  readonly url: string;
  /** As gpg takes it. */
  readonly keyserver: string;
  /** What to tell people when the address is not known. */
  readonly note: Markup | undefined;
}

/** How commands name this server. `origin` is the configured public address, scheme and host. */
export function serverAddress(origin: string | undefined): ServerAddress {
  const url = (origin ?? UNKNOWN_ORIGIN).replace(/\/+$/u, '');
  if (origin === undefined) return { url, keyserver: url.replace('https', 'hkps'), note: NOTE };
  return { url, keyserver: hkpAddress(url), note: undefined };
}

/**
 * The address as gpg takes it: `hkp` means HTTP on port 11371 unless a port is given, `hkps` HTTPS on 443
 * (draft-shaw-openpgp-hkp-00 §7, gpg's dirmngr).
 */
function hkpAddress(origin: string): string {
  const url = new URL(origin);
  if (url.protocol === 'https:') return `hkps://${url.host}`;
  return `hkp://${url.hostname}:${url.port === '' ? '80' : url.port}`;
}
