/* The address, TLS and redirects: what stands before every answer. */
import type { ProbeAnswer, TlsFacts } from '../../http/probe.ts';
import { isLocal, member, parseJson, quote, subjectOf } from './examination.ts';
import type { Examination } from './examination.ts';
import { SOON } from './limits.ts';

/** The clients build the address of discovery from host and path alone, with https, or http when told so. */
export function checkAddress(examination: Examination): void {
  const { base } = examination.parts;
  if (base.port !== '') {
    examination.note('error', 'ADDRESS', [
      base.origin,
      `"remote add" cannot use an address with a port: it asks port 443, or 80 with --insecure`,
      `have a proxy on port 443 answer at least /assets/config/config.prod.json (the addresses in it may have ports), or edit remote.yaml: "URI: //${base.host}"`,
    ]);
  } else if (base.protocol === 'https:') {
    examination.note('ok', 'ADDRESS', [base.origin, 'https on port 443, as "remote add" wants it']);
  }
  if (base.protocol === 'http:') {
    examination.note(isLocal(base) ? 'warning' : 'error', 'ADDRESS', [
      base.origin,
      'without TLS "remote add" needs --insecure, and key commands send no token to another host',
      'serve it with TLS on port 443: directly, or behind a proxy',
    ]);
  }
  if (base.pathname.replace(/\/+$/, '') !== '') {
    examination.note('warning', 'ADDRESS', [
      base.href,
      'the address has a path, and clients ask for keys at the root of the host whatever the path',
      'hand /pks/ of this host on to the keystore too, or give it a host name of its own',
    ]);
  }
}

const TLS_FAULTS: Readonly<Record<string, readonly [text: string, fix: string]>> = {
  CERT_HAS_EXPIRED: ['the TLS certificate has expired', 'renew it'],
  CERT_NOT_YET_VALID: ['the TLS certificate is not valid yet', 'look at the clocks of both hosts'],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'the TLS certificate is for other names',
    'have one made for the name that clients use',
  ],
  DEPTH_ZERO_SELF_SIGNED_CERT: [
    'the TLS certificate is self-signed and not trusted on this host',
    'have one made by an authority, or add it to the trusted certificates of every host (update-ca-certificates)',
  ],
  SELF_SIGNED_CERT_IN_CHAIN: [
    'the authority of the TLS certificate is not trusted on this host',
    'add that authority to the trusted certificates of every host (update-ca-certificates)',
  ],
};

const BROKEN_CHAIN: readonly [text: string, fix: string] = [
  'the TLS certificate does not lead to an authority that this host trusts',
  'have the server send the whole chain, intermediate certificates included (fullchain.pem)',
];

/** What a client makes of a connection; returns whether it would use it. */
export function checkTls(examination: Examination, host: string, tls: TlsFacts): boolean {
  if (tls.fault !== undefined) {
    const [text, fix] = TLS_FAULTS[tls.fault] ?? BROKEN_CHAIN;
    const names = tls.names === undefined ? '' : `, names: ${quote(tls.names)}`;
    examination.note('error', 'TLS', [host, `${text} (${tls.fault}${names})`, fix]);
    return false;
  }
  if (tls.names === undefined) {
    examination.note('error', 'TLS', [
      host,
      'the TLS certificate has its name only as a common name, which clients written in Go do not read',
      'have one made with the name as an alternative name (subjectAltName)',
    ]);
    return false;
  }
  const left = tls.expires - examination.parts.now();
  if (left < SOON) {
    const days = Math.max(0, Math.floor(left / (24 * 60 * 60 * 1000)));
    examination.note('warning', 'TLS', [
      host,
      `the TLS certificate ends in ${days} days`,
      'see that its renewal works',
    ]);
  } else {
    const day = new Date(tls.expires).toISOString().slice(0, 10);
    examination.note('ok', 'TLS', [host, `${tls.protocol}, good until ${day}`]);
  }
  return true;
}

/** Whether it is one, which is then noted. A push does not survive most of them, a token not one to another host. */
export function isRedirect(examination: Examination, url: URL, { status, headers }: ProbeAnswer): boolean {
  if (status < 300 || status >= 400) return false;
  const to = headers.get('Location');
  examination.note('error', 'REDIRECT', [
    subjectOf(url),
    `it redirects (${status}) to ${to === null ? 'nowhere' : quote(to)}: pushes are lost on the way, and tokens may be`,
    'give clients the address it redirects to, and put that into public_url',
  ]);
  return true;
}

/** `{"data":{"version":…}}`, as `remote status` reads it; undefined when it is something else. */
export function versionIn({ status, body }: ProbeAnswer): string | undefined {
  if (status !== 200) return undefined;
  const version = member(member(parseJson(body), 'data'), 'version');
  return typeof version === 'string' ? version : undefined;
}
