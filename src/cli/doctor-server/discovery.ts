/* The services of the host, as `remote add`, `login` and `status` find them. */
import { SERVICE_LIST_PATH } from '../../hkp/discovery/service-list.ts';
import { checkTls, isRedirect, versionIn } from './connection.ts';
import { isLocal, parseJson, quote, subjectOf } from './examination.ts';
import type { Examination } from './examination.ts';
import { MAX_SERVICES } from './limits.ts';

/** URI of each service by its name, `keyserver` under `keystore`. */
export type Services = ReadonlyMap<string, URL>;

/** Returns the services that can be asked. */
export async function checkDiscovery(examination: Examination): Promise<Services> {
  const url = examination.under(SERVICE_LIST_PATH);
  const services = new Map<string, URL>();
  await examination.check('DISCOVERY', subjectOf(url), async () => {
    const answer = await examination.ask(url);
    if (isRedirect(examination, url, answer)) return;
    const listed = answer.status === 200 ? readList(parseJson(answer.body)) : undefined;
    if (listed === undefined) {
      const seen = answer.status === 200 ? 'is not a JSON object of objects' : `has status ${answer.status}`;
      examination.note('error', 'DISCOVERY', [
        subjectOf(url),
        `"remote add" finds no services: the answer ${seen}: ${quote(answer.body.toString('utf8'))}`,
        answer.status === 200
          ? 'every member of the answer has to be an object, such as {"keystoreAPI":{"uri":"https://keys.example.org"}}'
          : 'set public_url in server.toml, and hand this path on to the keystore',
      ]);
      return;
    }
    await checkServices(examination, listed, services);
    checkMissing(examination, subjectOf(url), services);
  });
  return services;
}

/** Text as it stands in the document, by name; undefined when a client in Go cannot read the document. */
function readList(document: unknown): Map<string, string> | undefined {
  if (!isObject(document)) return undefined;
  const listed = new Map<string, string>();
  for (const [name, value] of Object.entries(document).slice(0, MAX_SERVICES)) {
    // `null` is read as an object without members.
    if (value !== null && !isObject(value)) return undefined;
    const uri: unknown = new Map<string, unknown>(Object.entries(value ?? {})).get('uri');
    const service = name.replace(/API$/, '');
    if (typeof uri === 'string') listed.set(service === 'keyserver' ? 'keystore' : service, uri);
  }
  return listed;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function checkServices(
  examination: Examination,
  listed: ReadonlyMap<string, string>,
  services: Map<string, URL>,
): Promise<void> {
  for (const [name, uri] of listed) {
    const url = URL.canParse(uri) ? new URL(uri) : undefined;
    const subject = `${name} service ${quote(uri)}`;
    if (url === undefined || !/^https?:$/.test(url.protocol)) {
      examination.note('error', 'SERVICE', [
        subject,
        'its URI is no address of http or https',
        'set public_url',
      ]);
    } else if (uri.endsWith('/')) {
      examination.note('error', 'SERVICE', [
        subject,
        'its URI ends in a slash, and clients add "/version" to it as it stands',
        'take the slash away',
      ]);
    } else {
      services.set(name, url);
      await examination.check('SERVICE', subject, () => checkService(examination, name, url));
    }
  }
}

async function checkService(examination: Examination, name: string, url: URL): Promise<void> {
  const { base } = examination.parts;
  const subject = `${name} service ${url.href}`;
  if (url.protocol === 'http:' && base.protocol === 'https:' && !isLocal(url)) {
    examination.note('error', 'SERVICE', [
      subject,
      'its URI is one without TLS: no token is sent there',
      'put https into public_url',
    ]);
  }
  const versionUrl = new URL(`${url.href.replace(/\/+$/, '')}/version`);
  const answer = await examination.ask(versionUrl);
  if (answer.tls !== undefined && url.origin !== base.origin) checkTls(examination, url.host, answer.tls);
  const version = versionIn(answer);
  if (version !== undefined) {
    examination.note('ok', 'SERVICE', [subject, `"remote status" shows OK ${quote(version)}`]);
  } else if (name === 'library') {
    examination.note('note', 'SERVICE', [
      subject,
      '"remote status" shows N/A: there is no library, library:// finds nothing',
    ]);
  } else {
    examination.note('warning', 'SERVICE', [
      subject,
      `"remote status" shows N/A: GET ${versionUrl.pathname} gives ${answer.status} and no {"data":{"version":…}}`,
      'hand the path on to the service',
    ]);
  }
}

function checkMissing(examination: Examination, subject: string, services: Services): void {
  const missing: readonly (readonly [name: string, text: string])[] = [
    ['keystore', 'no keystoreAPI: key commands and pulls of images fail'],
    ['token', 'no tokenAPI: "remote login" fails'],
    ['library', 'no libraryAPI: "remote status" of SingularityCE 4 and Apptainer fails'],
  ];
  const found = missing.filter(([name]) => !services.has(name));
  for (const [name, text] of found) {
    examination.note(name === 'library' ? 'warning' : 'error', 'DISCOVERY', [
      subject,
      text,
      'add it, or use "keyserver add" in place of "remote add"',
    ]);
  }
  if (found.length === 0)
    examination.note('ok', 'DISCOVERY', [subject, 'the services that "remote add" needs']);
}
