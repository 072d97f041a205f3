import { join } from 'node:path';
import type { ServerConfig } from '../config/server-config.ts';
import type { ExamineElsewhere } from '../hkp/examine.ts';
import { createSubmit } from '../hkp/submit.ts';
import type { Submit } from '../hkp/submission.ts';
import type { Keystore } from '../keystore/keystore.ts';
import { refusingWeak } from './weak-refusal.ts';

/** The folder of the store itself; other things in the data folder can come and go. */
export function keystoreFolder(config: ServerConfig): string {
  return join(config.data, 'keystore');
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
