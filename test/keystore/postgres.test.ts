import { describe } from 'vitest';

import { openPostgresKeystore } from '../../src/keystore/postgres.ts';
import { keystoreContract } from './contract.ts';
import { postgresMissing, usePostgres } from './postgres-database.ts';

describe.skipIf(postgresMissing)('on PostgreSQL (apt-get install postgresql)', () => {
  const postgres = usePostgres();

  keystoreContract('openPostgresKeystore', async (now) => {
    const database = await postgres.database();
    return { store: await openPostgresKeystore(database.url, { now }), remove: () => database.remove() };
  });
});
