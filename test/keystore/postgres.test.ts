import { openPostgresKeystore } from '../../src/keystore/postgres.ts';
import { keystoreContract } from './contract.ts';
import { describeOnPostgres } from './postgres-database.ts';

await describeOnPostgres('PostgreSQL', (postgres) => {
  keystoreContract('openPostgresKeystore', async (now) => {
    const { url, remove } = await postgres.database();
    return { store: await openPostgresKeystore(url, { now }), remove };
  });
});
