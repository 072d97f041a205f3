/* What all checks of a server share: where it is, how it is asked, and what was found so far. */
import { HttpError } from '../../http/error.ts';
import { probe } from '../../http/probe.ts';
import type { Probe, ProbeAnswer } from '../../http/probe.ts';
import type { ServerFinding, ServerFindingCode, ServerSeverity } from './finding.ts';
import { MAX_PROBE_OCTETS, MAX_QUOTE, PROBE_TIMEOUT } from './limits.ts';

export interface Question {
  readonly method?: Probe['method'];
  readonly headers?: Readonly<Record<string, string>>;
  /** A form. */
  readonly form?: URLSearchParams;
  /** Sent only over a connection that keeps it secret. */
  readonly token?: string;
}

export interface ExaminationParts {
  /** Scheme, host and path of the server, without a slash at the end of the path. */
  readonly base: URL;
  readonly token: string | undefined;
  /** Text to search for. */
  readonly search: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly userAgent: string;
  /** Certificates that are trusted, in PEM. */
  readonly authorities: string | undefined;
}

export class Examination {
  readonly parts: ExaminationParts;
  readonly findings: ServerFinding[] = [];
  /** The answer that took longest, in milliseconds. */
  slowest: { readonly subject: string; readonly time: number } = { subject: '', time: 0 };

  constructor(parts: ExaminationParts) {
    this.parts = parts;
  }

  note(
    severity: ServerSeverity,
    code: ServerFindingCode,
    [subject, text, fix]: readonly [subject: string, text: string, fix?: string],
  ): void {
    this.findings.push({ severity, code, subject, text, ...(fix !== undefined && { fix }) });
  }

  /** `path` under the address that was given, as the clients put them together. */
  under(path: string): URL {
    return new URL(`${this.parts.base.pathname.replace(/\/+$/, '')}${path}`, this.parts.base);
  }

  /** Throws `HttpError` when there is no answer. */
  async ask(url: URL, { method, headers, form, token }: Question = {}): Promise<ProbeAnswer> {
    const { now, userAgent, authorities } = this.parts;
    const started = now();
    const answer = await probe({
      url,
      method: method ?? (form === undefined ? 'GET' : 'POST'),
      headers: {
        'User-Agent': userAgent,
        ...headers,
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
        ...(form !== undefined && { 'Content-Type': 'application/x-www-form-urlencoded' }),
      },
      ...(form !== undefined && { body: form.toString() }),
      timeout: PROBE_TIMEOUT,
      maxOctets: MAX_PROBE_OCTETS,
      authorities,
      strict: token !== undefined,
    });
    const time = now() - started;
    if (time > this.slowest.time) this.slowest = { subject: subjectOf(url, method), time };
    return answer;
  }

  /** The token that was given, if it may be sent there: with TLS, or within this machine. */
  tokenFor(url: URL): string | undefined {
    const { token } = this.parts;
    if (token === undefined || url.protocol === 'https:' || isLocal(url)) return token;
    const fix = 'put https into public_url';
    this.note('warning', 'TOKEN_NOT_SENT', [url.href, 'the token was not tried: there is no TLS', fix]);
    return undefined;
  }

  /** Runs one check; that there is no answer to one of its questions is a finding. */
  async check(code: ServerFindingCode, subject: string, look: () => Promise<void>): Promise<void> {
    try {
      await look();
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      this.note('error', code, [subject, error.message]);
    }
  }
}

/** `GET /version` */
export function subjectOf(url: URL, method: string = 'GET'): string {
  return `${method} ${url.pathname}`;
}

/** The beginning of what a server said, on one line. */
export function quote(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > MAX_QUOTE ? `${line.slice(0, MAX_QUOTE)}…` : line;
}

/** Undefined when it is no JSON. */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Undefined for what is no object and has no such member of its own. */
export function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return new Map<string, unknown>(Object.entries(value)).get(name);
}

/** Traffic that does not leave the machine: the key client sends tokens there without TLS. */
export function isLocal({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
