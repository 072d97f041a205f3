import { checkLevelKeystore, checkSharedKeystore } from '../keystore/check.ts';
import type { CheckOptions } from '../keystore/check-session.ts';
import type { CheckReport } from '../keystore/finding.ts';
import { isPostgresUrl } from '../keystore/postgres-address.ts';

/** Checks the store at an address, a folder or the URL of a database; throws as `checkLevelKeystore` does. */
export async function checkStore(address: string, options: CheckOptions): Promise<CheckReport> {
  if (!isPostgresUrl(address)) return checkLevelKeystore(address, options);
  const { openPostgresRows } = await import('../keystore/postgres.ts');
  const rows = await openPostgresRows(address, { create: false });
  try {
    return await checkSharedKeystore(rows, rows.place, options);
  } finally {
    await rows.close();
  }
}
