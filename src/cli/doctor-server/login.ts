/* Tokens, as `remote login` and `keyserver login` have them looked at. */
import { TOKEN_STATUS_PATH, TOKENS_PAGE_PATH } from '../../hkp/discovery/service-list.ts';
import { isRedirect } from './connection.ts';
import { subjectOf } from './examination.ts';
import type { Examination } from './examination.ts';

/** Well formed, and known to nobody. */
const FOREIGN_TOKEN = 'vouch-doctor-asks-with-a-token-that-is-not-good';

/** `remote login`: 200 for a good token, 404 for another. */
export async function checkTokenService(examination: Examination, service: URL | undefined): Promise<void> {
  const page = examination.under(TOKENS_PAGE_PATH);
  await examination.check('TOKEN_PAGE', subjectOf(page), async () => {
    const { status } = await examination.ask(page, { headers: { Accept: 'text/html' } });
    if (status === 200)
      examination.note('ok', 'TOKEN_PAGE', [subjectOf(page), 'there is a page about tokens']);
    else {
      examination.note('warning', 'TOKEN_PAGE', [
        subjectOf(page),
        `"remote login" sends people to this page, and it gives ${status}`,
        'have a page there that says who gives out tokens',
      ]);
    }
  });
  if (service === undefined) return;
  const url = new URL(`${service.href.replace(/\/+$/, '')}${TOKEN_STATUS_PATH}`);
  await examination.check('TOKEN_STATUS', subjectOf(url), () => checkTokenStatus(examination, url));
}

async function checkTokenStatus(examination: Examination, url: URL): Promise<void> {
  const subject = subjectOf(url);
  const bad = await examination.ask(url, { headers: { Authorization: `Bearer ${FOREIGN_TOKEN}` } });
  if (bad.status === 404)
    examination.note('ok', 'TOKEN_STATUS', [subject, '404 for a token that is not good']);
  else if (bad.status === 200) {
    examination.note('error', 'TOKEN_STATUS', [
      subject,
      '200 for a token that is not good: "remote login" takes anything, and pushes fail later',
      'hand the header Authorization on to the keystore',
    ]);
  } else {
    examination.note('warning', 'TOKEN_STATUS', [
      subject,
      `${bad.status} for a token that is not good: "remote login" says "Unknown" where 404 says "Invalid Credentials"`,
      'answer 404',
    ]);
  }
  const token = examination.tokenFor(url);
  if (token === undefined) return;
  const { status } = await examination.ask(url, { token });
  if (status === 200) examination.note('ok', 'TOKEN_STATUS', [subject, '200 for the token that was given']);
  else {
    examination.note('error', 'TOKEN_STATUS', [
      subject,
      `${status} for the token that was given: "remote login" refuses it`,
      'look at "vouch keystore token list" on the server',
    ]);
  }
}

/** `keyserver login`: 200 for no token and for a good one, else not. */
export async function checkLogin(examination: Examination, keystore: URL): Promise<void> {
  const url = new URL(keystore);
  const subject = `GET ${url.pathname}`;
  await examination.check('LOGIN', subject, async () => {
    for (const [headers, who] of [
      [{}, 'without a token'],
      [{ Authorization: 'Bearer' }, 'with the empty token of those who are logged out'],
    ] as const) {
      const answer = await examination.ask(url, { headers });
      if (isRedirect(examination, url, answer)) return;
      if (answer.status === 200) continue;
      examination.note('error', 'LOGIN', [
        subject,
        `${answer.status} ${who}`,
        'answer 200: clients send an empty token whenever nobody is logged in',
      ]);
    }
    const bad = await examination.ask(url, { headers: { Authorization: `Bearer ${FOREIGN_TOKEN}` } });
    if (bad.status === 401) examination.note('ok', 'LOGIN', [subject, '401 for a token that is not good']);
    else {
      examination.note('warning', 'LOGIN', [
        subject,
        `${bad.status} for a token that is not good: ${bad.status === 200 ? '"keyserver login" takes anything' : 'a client expects 401'}`,
        'hand the header Authorization on to the keystore',
      ]);
    }
    const token = examination.tokenFor(url);
    if (token === undefined) return;
    const { status } = await examination.ask(url, { token });
    examination.note(status === 200 ? 'ok' : 'error', 'LOGIN', [
      subject,
      `${status} for the token that was given`,
    ]);
  });
}
