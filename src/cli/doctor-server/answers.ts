/* The answers of the keystore itself: index, key, no match, push, and what browsers ask before they do. */
import { firstFingerprint, indexFaults } from './index-lines.ts';
import { isRedirect } from './connection.ts';
import { member, parseJson, quote } from './examination.ts';
import type { Examination } from './examination.ts';
import type { ProbeAnswer } from '../../http/probe.ts';

/** Of no key: nobody can choose a fingerprint. */
const NOBODY = 'DEADBEEF'.repeat(5);

const LOOKUP = 'GET /pks/lookup';

/** Clients ask at the root of the host, whatever the path of its address. */
function lookupUrl(keystore: URL, variables: Record<string, string>): URL {
  const url = new URL('/pks/lookup', keystore);
  url.search = new URLSearchParams(variables).toString();
  return url;
}

/** `key search` and `key pull`, for something that the keystore holds. */
export async function checkLookup(examination: Examination, keystore: URL): Promise<void> {
  const search = examination.parts.search ?? domainOf(keystore);
  const subject = `${LOOKUP} op=index`;
  await examination.check('INDEX', subject, async () => {
    const url = lookupUrl(keystore, { op: 'index', options: 'mr', fingerprint: 'on', search });
    const answer = await examination.ask(url);
    if (isRedirect(examination, url, answer)) return;
    checkCors(examination, `${subject} (${answer.status})`, answer);
    if (answer.status !== 200) {
      examination.note(answer.status === 404 ? 'note' : 'error', 'INDEX', [
        subject,
        `a search for "${search}" gives ${answer.status}, so no index was looked at`,
        'name a text that finds keys with --search',
      ]);
      return;
    }
    const text = answer.body.toString('utf8');
    const faults = indexFaults(text);
    for (const fault of faults) examination.note('error', 'INDEX', [subject, fault, 'see docs/hkp.md']);
    if (faults.length === 0) {
      const keys = text.split('\n').filter((line) => line.startsWith('pub:')).length;
      examination.note('ok', 'INDEX', [subject, `${keys} on a page that "key search" can read`]);
    }
    const fingerprint = firstFingerprint(text);
    if (fingerprint !== undefined) await checkGet(examination, keystore, fingerprint);
  });
}

/** Whoever runs keys.example.org has keys of example.org. */
function domainOf({ hostname }: URL): string {
  const labels = hostname.split('.');
  return labels.length > 2 && !/^[\d.]+$/.test(hostname) ? labels.slice(1).join('.') : hostname;
}

async function checkGet(examination: Examination, keystore: URL, fingerprint: string): Promise<void> {
  const subject = `${LOOKUP} op=get`;
  await examination.check('GET', subject, async () => {
    // As `key pull` does: without options.
    const url = lookupUrl(keystore, { op: 'get', search: `0x${fingerprint}`, exact: 'on' });
    const { status, body } = await examination.ask(url);
    const text = body.toString('utf8');
    const blocks = text.split('-----BEGIN PGP PUBLIC KEY BLOCK-----').length - 1;
    const wrong =
      status !== 200
        ? `${status} for a key that the index has`
        : blocks !== 1 || !text.startsWith('-----BEGIN')
          ? `${blocks} blocks of armor where "key pull" needs one and nothing else`
          : text.endsWith('\n')
            ? undefined
            : 'the last line of the armor does not end';
    if (wrong === undefined)
      examination.note('ok', 'GET', [subject, 'one key in armor, as "key pull" wants it']);
    else examination.note('error', 'GET', [subject, wrong, 'see docs/hkp.md']);
  });
}

/** 404 with words: old clients take anything else for a result, or for a server that is ill. */
export async function checkNoMatch(examination: Examination, keystore: URL): Promise<void> {
  for (const op of ['get', 'index'] as const) {
    const subject = `${LOOKUP} op=${op} without a match`;
    await examination.check('NO_MATCH', subject, async () => {
      const answer = await examination.ask(lookupUrl(keystore, { op, options: 'mr', search: `0x${NOBODY}` }));
      if (op === 'get') checkCors(examination, subject, answer);
      if (answer.status !== 404) {
        examination.note('error', 'NO_MATCH', [
          subject,
          `${answer.status} where clients read 404 as "no such key"`,
          'answer 404',
        ]);
      } else noteMessage(examination, 'NO_MATCH', [subject, answer]);
    });
  }
}

/** Nothing that could be stored is sent. */
export async function checkPush(examination: Examination, keystore: URL): Promise<void> {
  const url = new URL('/pks/add', keystore);
  const subject = 'POST /pks/add without a key';
  await examination.check('PUSH', subject, async () => {
    const answer = await examination.ask(url, { form: new URLSearchParams({ keytext: 'not a key' }) });
    if (isRedirect(examination, url, answer)) return;
    checkCors(examination, subject, answer);
    if (answer.status < 400) {
      examination.note('error', 'PUSH', [
        subject,
        `${answer.status}: a push that failed looks like one that worked`,
        'answer 400',
      ]);
    } else if (answer.status >= 500) {
      examination.note('error', 'PUSH', [
        subject,
        `${answer.status}: gpg gives up the whole host for an hour or more after 502, 503 and 504`,
        'see that the proxy reaches the keystore, and answer 400',
      ]);
    } else noteMessage(examination, 'PUSH', [subject, answer]);
  });
}

/** Singularity and Apptainer print `error.message` of an answer in JSON, and else the number alone. */
function noteMessage(
  examination: Examination,
  code: 'NO_MATCH' | 'PUSH',
  [subject, { status, body }]: readonly [subject: string, answer: ProbeAnswer],
): void {
  const message = member(member(parseJson(body), 'error'), 'message');
  if (typeof message === 'string') {
    examination.note('ok', code, [subject, `${status}, and clients print: ${quote(message)}`]);
    return;
  }
  examination.note('warning', code, [
    subject,
    `${status} without {"error":{"message":…}}: clients print the number alone`,
    'see that no proxy puts a page of its own in place of the answer',
  ]);
}

function checkCors(examination: Examination, subject: string, { headers }: ProbeAnswer): void {
  const allowed = headers.get('Access-Control-Allow-Origin');
  if (allowed === '*') examination.note('ok', 'CORS', [subject, 'web pages may read it']);
  else {
    examination.note('warning', 'CORS', [
      subject,
      `web pages cannot read it: Access-Control-Allow-Origin is ${allowed === null ? 'absent' : `"${quote(allowed)}"`}`,
      allowed === null ? 'see that the proxy lets the header through' : 'set the header in one place only',
    ]);
  }
}

export async function checkMethods(examination: Examination, keystore: URL): Promise<void> {
  const url = lookupUrl(keystore, { op: 'get', search: `0x${NOBODY}` });
  for (const method of ['HEAD', 'OPTIONS'] as const) {
    const subject = `${method} /pks/lookup`;
    await examination.check('METHODS', subject, async () => {
      const { status, body } = await examination.ask(url, { method });
      const good = method === 'HEAD' ? status === 404 && body.length === 0 : status >= 200 && status < 300;
      if (good) examination.note('ok', 'METHODS', [subject, `${status}`]);
      else {
        examination.note('warning', 'METHODS', [
          subject,
          `${status}, where ${method === 'HEAD' ? 'GET gives 404' : 'a browser wants 2xx before it asks'}`,
          'see that the proxy lets the method through',
        ]);
      }
    });
  }
}

/** hkp://HOST means this port (draft-shaw-openpgp-hkp-00 §2). */
export async function checkHkpPort(examination: Examination, keystore: URL): Promise<void> {
  if (keystore.port === '11371') return;
  const url = lookupUrl(new URL(`http://${keystore.hostname}:11371`), { op: 'get', search: `0x${NOBODY}` });
  const subject = `hkp://${keystore.hostname}`;
  try {
    const { status } = await examination.ask(url);
    if (status === 404) examination.note('ok', 'HKP_PORT', [subject, 'answers on port 11371']);
    else examination.note('warning', 'HKP_PORT', [subject, `port 11371 gives ${status} where 404 is right`]);
  } catch {
    examination.note('note', 'HKP_PORT', [
      subject,
      `nothing answers on port 11371: clients have to be told ${keystore.protocol === 'https:' ? 'hkps' : 'http'}://${keystore.host}`,
    ]);
  }
}
