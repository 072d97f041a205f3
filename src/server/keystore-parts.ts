import { join } from 'node:path';
import type { ServerConfig } from '../config/server-config.ts';
import type { ExamineElsewhere } from '../hkp/examine.ts';
import { createSubmit } from '../hkp/submit.ts';
import type { Submit } from '../hkp/submission.ts';
import type { Keystore } from '../keystore/keystore.ts';
import { refusingWeak } from './weak-refusal.ts';

/** Where the store is: the URL of a database, or a folder of its own; other things in the data folder can come and go. */
export function storeAddress({ data, store }: ServerConfig): string {
  return store ?? folderOfStore(data);
}

export function folderOfStore(data: string): string {
  return join(data, 'keystore');
}

/** What takes certificates into the store, for the server and for `vouch keystore load` alike. */
export function configuredSubmit(
  keystore: Keystore,
  config: ServerConfig,
  examineElsewhere?: ExamineElsewhere,
): Submit {
  const { limits, thirdParty, blocked, weakKeys } = config;
  const submit = createSubmit({
    keystore,
    limits,
    thirdParty,
    blocked: new Set(blocked),
    ...(examineElsewhere && { examineElsewhere }),
  });
  return weakKeys.action === 'refuse' ? refusingWeak(submit) : submit;
}
