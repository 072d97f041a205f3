/* All checks of a server from outside, in the order in which a client would meet with them. */
import { HttpError } from '../../http/error.ts';
import { checkHkpPort, checkLookup, checkMethods, checkNoMatch, checkPush } from './answers.ts';
import { checkAddress, checkTls, isRedirect, versionIn } from './connection.ts';
import { checkDiscovery } from './discovery.ts';
import { Examination, isLocal, quote, subjectOf } from './examination.ts';
import type { ExaminationParts } from './examination.ts';
import type { ServerFinding } from './finding.ts';
import { CLIENT_PATIENCE, SLOW_ANSWER } from './limits.ts';
import { checkLogin, checkTokenService } from './login.ts';

export interface ServerReport {
  /** Whether there was an answer at all. */
  readonly reached: boolean;
  readonly findings: readonly ServerFinding[];
}

/** Asks the server as stock clients do. What cannot be asked is a finding; nothing is changed on the server. */
export async function examineServer(parts: ExaminationParts): Promise<ServerReport> {
  const first = new Examination(parts);
  checkAddress(first);
  const trusted = await reach(first);
  if (trusted === undefined) return { reached: false, findings: first.findings };
  const examination = withTokenIfSafe(first, trusted);
  const services = await checkDiscovery(examination);
  const keystore = services.get('keystore') ?? parts.base;
  await checkTokenService(examination, services.get('token'));
  await checkLogin(examination, keystore);
  await checkLookup(examination, keystore);
  await checkNoMatch(examination, keystore);
  await checkPush(examination, keystore);
  await checkMethods(examination, keystore);
  checkTime(examination);
  await checkHkpPort(examination, keystore);
  return { reached: true, findings: examination.findings };
}

/** Whether tokens are safe there; undefined when there is no answer. */
async function reach(examination: Examination): Promise<boolean | undefined> {
  const url = examination.under('/version');
  try {
    const answer = await examination.ask(url);
    const safe = answer.tls === undefined ? isLocal(url) : checkTls(examination, url.host, answer.tls);
    if (isRedirect(examination, url, answer)) return safe;
    const version = versionIn(answer);
    if (version !== undefined) examination.note('ok', 'VERSION', [subjectOf(url), quote(version)]);
    else {
      examination.note('warning', 'VERSION', [
        subjectOf(url),
        `${answer.status}, and not {"data":{"version":…}}: "remote status" shows N/A`,
        'hand the path on to the keystore',
      ]);
    }
    return safe;
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    const fix =
      'look whether the server runs and listens to other hosts, and at firewalls and proxies between';
    examination.note('error', 'UNREACHABLE', [examination.parts.base.origin, error.message, fix]);
    return undefined;
  }
}

/** The examination to go on with: one that knows the token only if nobody on the way can read it. */
function withTokenIfSafe(examination: Examination, safe: boolean): Examination {
  const { parts } = examination;
  if (safe || parts.token === undefined) return examination;
  const without = new Examination({ ...parts, token: undefined });
  without.findings.push(...examination.findings);
  without.slowest = examination.slowest;
  without.note('warning', 'TOKEN_NOT_SENT', [
    parts.base.origin,
    'the token was not tried: others could read it on the way',
    'put TLS right first',
  ]);
  return without;
}

function checkTime(examination: Examination): void {
  const { subject, time } = examination.slowest;
  const seconds = (time / 1000).toFixed(1);
  if (time < SLOW_ANSWER) examination.note('ok', 'TIME', [subject, `the slowest answer took ${seconds} s`]);
  else {
    examination.note(time > CLIENT_PATIENCE ? 'error' : 'warning', 'TIME', [
      subject,
      `an answer took ${seconds} s, and clients give up after ${CLIENT_PATIENCE / 1000}`,
      'look at the load of the server, and at name resolution on this host',
    ]);
  }
}
