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
  const url = translate(text.trim());
  if (url === undefined) {
    throw new HkpClientError(
      'BAD_URL',
      `"${text}" is not the address of a keystore; write it like https://keys.example.org or hkp://keys.example.org`,
    );
  }
  if (url.username !== '' || url.password !== '') {
    const message = `the address of ${url.host} has a password in it, which others could see`;
    throw new HkpClientError('BAD_URL', message);
  }
  return url;
}

/** URLs of schemes that browsers do not know are parsed less strictly, so the scheme is changed first. */
function translate(text: string): URL | undefined {
  const [, scheme = '', rest = ''] = /^([a-z]+:)\/\/(.*)$/is.exec(text) ?? [];
  const known = SCHEMES.get(scheme.toLowerCase());
  const address = `${known?.scheme ?? ''}//${rest}`;
  if (known === undefined || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  if (!/^[^/?#]*:\d+(?:[/?#]|$)/.test(rest)) url.port = known.port;
  return url;
}
