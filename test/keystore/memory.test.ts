import { MemoryKeystore } from '../../src/keystore/memory.ts';
import { keystoreContract } from './contract.ts';

keystoreContract('MemoryKeystore', async (now) => ({
  store: new MemoryKeystore({ now }),
  remove: async () => {},
}));
