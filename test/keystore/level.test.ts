import { openLevelKeystore } from '../../src/keystore/level.ts';
import { keystoreContract } from './contract.ts';
import { temporaryFolder } from './temporary-folder.ts';

keystoreContract('openLevelKeystore', async (now) => {
  const { folder, remove } = await temporaryFolder();
  return { store: await openLevelKeystore(folder, { now }), remove };
});
