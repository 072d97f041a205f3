export interface GreetingFacts {
  /** Where the server listens. */
  readonly url: string;
  /** Where clients reach it, when that is configured. */
  readonly publicUrl: string | undefined;
  /** Folder or database of the store. */
  readonly store: string;
  readonly certificates: number;
  /** Where metrics are told, when they are. */
  readonly metricsUrl?: string | undefined;
}

/** What `vouch serve` says when it is ready. Scripts read the first line. */
export function greeting({ url, publicUrl, store, certificates, metricsUrl }: GreetingFacts): string {
  const reach = publicUrl ?? reachable(url);
  const search = `${reach}/pks/lookup?op=index&options=mr&search=you@example.org`;
  return [
    `Vouch keystore: ${url}`,
    `Store: ${store} (${certificates === 1 ? '1 certificate' : `${certificates} certificates`})`,
    ...(metricsUrl === undefined ? [] : [`Metrics: ${metricsUrl}`]),
    '',
    'Try:',
    `  gpg --keyserver ${keyserver(reach)} --send-keys FINGERPRINT`,
    `  singularity key push --url ${reach} FINGERPRINT`,
    `  curl '${search}'`,
    '',
    '',
  ].join('\n');
}

/** An address that means "all of this host" is none that a client can ask for. */
function reachable(url: string): string {
  return url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:');
}

/** gpg's own names for the schemes; without a port it would ask 11371 for http and 443 for https. */
function keyserver(url: string): string {
  const { protocol, hostname, port, pathname } = new URL(url);
  const path = pathname.replace(/\/$/, '');
  if (protocol === 'https:') return `hkps://${hostname}${port === '' ? '' : `:${port}`}${path}`;
  return `hkp://${hostname}:${port === '' ? '80' : port}${path}`;
}
