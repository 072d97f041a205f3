/* A proxy with TLS before a keystore that knows its address: what a site puts there, and what it does wrong. */
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { bearsToken } from '../../../src/access/bears-token.ts';
import { createPushControl } from '../../../src/access/push-control.ts';
import type { PushMode } from '../../../src/access/push-control.ts';
import { createTokens } from '../../../src/access/tokens.ts';
import { examineServer } from '../../../src/cli/doctor-server/examine-server.ts';
import type { ServerReport } from '../../../src/cli/doctor-server/examine-server.ts';
import type { ServerFinding, ServerFindingCode } from '../../../src/cli/doctor-server/finding.ts';
import { MemoryKeystore } from '../../../src/keystore/memory.ts';
import { TestCertificate } from '../../integrity/test-certificate.ts';
import type { CertificateOptions } from '../../integrity/test-certificate.ts';
import { NOW, recordingLog, startServer } from '../../hkp/harness.ts';
import type { TestServer } from '../../hkp/harness.ts';

/** Returns whether it has answered; the request goes on to the keystore when not. */
export type Meddle = (request: IncomingMessage, response: ServerResponse) => boolean;

export interface Front {
  readonly url: URL;
  /** The certificate of its authority, PEM. */
  readonly authority: string;
  readonly server: TestServer;
  /** A good one. */
  readonly token: string;
  /** Authorization headers that came in, in their order. */
  readonly authorizations: string[];
  meddle: Meddle;
  examine(parts?: Partial<Parameters<typeof examineServer>[0]>): Promise<ServerReport>;
}

export interface FrontOptions {
  readonly certificate?: CertificateOptions;
  readonly mode?: PushMode;
  readonly selfSigned?: boolean;
}

export async function startFront(options: FrontOptions = {}): Promise<Front> {
  const { certificate, mode = 'token', selfSigned = false } = options;
  const authority = new TestCertificate({ name: 'Test Authority', ca: true, keyUsage: 0x06 });
  const leaf = new TestCertificate({
    ...(!selfSigned && { issuer: authority }),
    names: ['localhost'],
    ...certificate,
  });
  const authorizations: string[] = [];
  let made: Front | undefined;
  const key = leaf.privateKey.export({ type: 'pkcs8', format: 'pem' });
  const proxy = createServer({ cert: leaf.pem, key }, (incoming, response) => {
    authorizations.push(incoming.headers.authorization ?? '');
    if (made === undefined || made.meddle(incoming, response)) return;
    forward(incoming, response, made.server.port);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void proxy.close());
  const { port } = proxy.address() as AddressInfo;
  const url = new URL(`https://localhost:${port}`);
  const now = (): number => NOW * 1000;
  const keystore = new MemoryKeystore({ now });
  const tokens = createTokens(keystore, { now, random: randomBytes });
  const rules = { fingerprints: [], emails: [], domains: [] };
  const { text } = await tokens.add({ name: 'ci', role: 'push', rules });
  const server = await startServer({
    keystore,
    publicUrl: url.origin,
    access: createPushControl({ mode: () => mode, tokens, log: recordingLog([]) }),
    discovery: { mode: () => mode, bearsToken: (ctx) => bearsToken(ctx, tokens) },
  });
  const pem = authority.pem.toString();
  made = {
    url,
    authority: pem,
    server,
    token: text,
    authorizations,
    meddle: () => false,
    examine: (parts = {}) =>
      examineServer({
        base: url,
        token: undefined,
        search: undefined,
        now,
        userAgent: 'vouch/test',
        authorities: pem,
        ...parts,
      }),
  };
  return made;
}

export function forward(incoming: IncomingMessage, response: ServerResponse, port: number): void {
  const { method, url: path, headers } = incoming;
  const onward = request({ port, host: '127.0.0.1', method, path, headers, agent: false }, (answer) => {
    response.writeHead(answer.statusCode ?? 0, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', () => response.destroy());
  incoming.pipe(onward);
}

/** Answers requests for this path in its own way. */
export function onPath(path: string, answer: (response: ServerResponse) => void): Meddle {
  return ({ url = '' }, response) => {
    if (url.split('?')[0] !== path) return false;
    answer(response);
    return true;
  };
}

export function findingsOf(report: ServerReport, code: ServerFindingCode): ServerFinding[] {
  return report.findings.filter((finding) => finding.code === code);
}

/** `error TLS`, … of everything that is not as it should be; the port, which tests cannot have right, left out. */
export function faultsOf({ findings }: ServerReport): string[] {
  return findings
    .filter(({ severity, code }) => severity !== 'ok' && code !== 'ADDRESS' && code !== 'HKP_PORT')
    .map(({ severity, code }) => `${severity} ${code}`);
}
