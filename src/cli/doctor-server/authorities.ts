/* The certificates that clients written in Go trust: those of the system, not those that Node.js brings along. */
import { readBounded } from './read-bounded.ts';
import { MAX_AUTHORITIES_OCTETS } from './limits.ts';

/** Where distributions have them, in the order in which Go looks: Debian, Fedora, SUSE, RHEL, Alpine. */
const BUNDLES: readonly string[] = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/**
 * `named`: the variable SSL_CERT_FILE, which stands in for all of them. Undefined when the system has none.
 * Throws a `CliError` when the one that is named cannot be read.
 */
export async function systemAuthorities(named: string | undefined): Promise<string | undefined> {
  if (named !== undefined) return readBounded(named, MAX_AUTHORITIES_OCTETS);
  for (const path of BUNDLES) {
    const bundle = await readBounded(path, MAX_AUTHORITIES_OCTETS).catch(() => undefined);
    if (bundle !== undefined) return bundle;
  }
  return undefined;
}
