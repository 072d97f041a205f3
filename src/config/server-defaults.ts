/* What holds for the keystore where no file says otherwise. */
import type { ServerConfig } from './server-config.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

/** Where it listens; read as if it were in the file. */
export const DEFAULT_LISTEN = '127.0.0.1:11371';

/** The folder of backups within that of the data. */
export const BACKUP_FOLDER = 'backups';

export const DEFAULT_DATA = 'var';

type DefaultKey =
  'logLevel' | 'thirdParty' | 'blocked' | 'limits' | 'rateLimits' | 'access' | 'jobs' | 'weakKeys' | 'peers';

export const SERVER_DEFAULTS: Pick<ServerConfig, DefaultKey> & {
  readonly backup: Omit<ServerConfig['backup'], 'folder'>;
} = {
  logLevel: 'info',
  thirdParty: 'strip',
  blocked: [],
  limits: {
    uploadOctets: MIB,
    certificateOctets: 128 * KIB,
    keyOctets: 8383,
    signatureOctets: 8383,
    userIdOctets: 1024,
    userIds: 64,
    subkeys: 64,
    selfSignatures: 1024,
    pageSize: 100,
  },
  rateLimits: {
    lookups: { requests: 1000, seconds: 10 },
    pushes: { requests: 60, seconds: 60 },
    exempt: ['127.0.0.0/8', '::1'],
    trustedProxies: [],
  },
  access: { mode: 'open' },
  backup: { keep: 7, schedule: '17 3 * * *' },
  jobs: {
    compact: '43 4 * * 0',
    expiring: '7 5 * * *',
    tombstones: '23 4 * * *',
    weakKeys: '31 4 * * 6',
    expiringDays: 30,
  },
  weakKeys: { action: 'flag' },
  peers: [],
};
