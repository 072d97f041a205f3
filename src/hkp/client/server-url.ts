import { HkpClientError } from './error.ts';

const SCHEMES: ReadonlyMap<string, { readonly scheme: string; readonly port: string }> = new Map([
  // draft-shaw-openpgp-hkp-00 §2; hkps on 443 is what all clients make of it.
  ['hkp:', { scheme: 'http:', port: '11371' }],
  ['hkps:', { scheme: 'https:', port: '443' }],
  ['http:', { scheme: 'http:', port: '' }],
  ['https:', { scheme: 'https:', port: '' }],
]);

/** The address of a keystore as HTTP knows it. Throws `BAD_URL`. */
export function serverUrl(text: string): URL {
  const form = 'write it like https://keys.example.org or hkp://keys.example.org';
  // A URL of a scheme that browsers do not know is read less strictly, so the scheme is changed first.
  const written = /^([a-z][a-z0-9+.-]*:)\/\/(.*)$/is.exec(text.trim());
  const known = SCHEMES.get(written?.[1]?.toLowerCase() ?? '');
  const address = `${known?.scheme ?? ''}//${written?.[2] ?? ''}`;
  if (known === undefined || !URL.canParse(address)) {
    throw new HkpClientError('BAD_URL', `"${text}" is not the address of a keystore; ${form}`);
  }
  const url = new URL(address);
  if (url.username !== '' || url.password !== '') {
    throw new HkpClientError(
      'BAD_URL',
      `the address of ${url.host} has a password in it, which others could see`,
    );
  }
  if (url.port === '' && known.port !== '') url.port = known.port;
  return url;
}
