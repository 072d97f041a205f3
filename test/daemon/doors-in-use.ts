import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { Caller } from '../../src/admission/request.ts';
import { daemonApp } from '../../src/daemon/app.ts';
import { listenUnix } from '../../src/http/listen-unix.ts';
import type { ListeningUnix } from '../../src/http/listen-unix.ts';
import { askUnix } from '../http/ask-unix.ts';
import type { UnixAnswer, UnixQuestion } from '../http/ask-unix.ts';
import { fakeService } from './fake-service.ts';
import type { FakeService } from './fake-service.ts';

export interface DoorsInUse {
  /** One question through a door that is opened for it. */
  readonly ask: (caller: Caller, question: UnixQuestion) => Promise<UnixAnswer>;
  /** The service of the test that runs. */
  readonly service: () => FakeService;
}

/** The API on real sockets before a small service of its own for each test. */
export function useDoors(): DoorsInUse {
  let folder = '';
  let open: ListeningUnix[] = [];
  let service = fakeService();

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vouch-app-'));
    open = [];
    service = fakeService();
  });

  afterEach(async () => {
    await Promise.all(open.map((one) => one.close()));
    rmSync(folder, { recursive: true, force: true });
  });

  return {
    service: () => service,
    ask: async (caller, question) => {
      const path = join(folder, `${open.length}.sock`);
      open.push(await listenUnix(daemonApp(service, caller), { path, mode: 0o600 }));
      return askUnix(path, question);
    },
  };
}

export function errorOf({ status, text }: UnixAnswer): { status: number; code: string } {
  return { status, code: (JSON.parse(text) as { error: { code: string } }).error.code };
}
