/** The table of rooms: who may import whom, and where each third-party package may be used. */

export interface Room {
  /** Rooms, or single files of a room without the `.ts` (`openpgp/fingerprint`; a folder of that name too). */
  readonly mayImport: readonly string[];
  /** Rooms of which only types may be imported. */
  readonly typesOf?: readonly string[];
}

const BELOW_SERVICES: readonly string[] = [
  'service',
  'bytes',
  'http',
  'config',
  'openpgp',
  'keystore',
  'keyring',
  'sif',
  'integrity',
  'policy',
  'hkp',
  'access',
  'mail',
  'pages',
  'admission',
];

/** From the ground up. A new room needs a line here, and that is a decision. */
export const ROOMS: Readonly<Record<string, Room>> = {
  service: { mayImport: [] },
  bytes: { mayImport: [] },
  http: { mayImport: [] },
  config: { mayImport: [] },
  openpgp: { mayImport: ['bytes'] },
  keystore: { mayImport: [] },
  keyring: { mayImport: ['openpgp'] },
  sif: { mayImport: ['bytes'] },
  integrity: { mayImport: ['bytes', 'sif', 'openpgp'] },
  policy: { mayImport: ['openpgp/fingerprint'], typesOf: ['integrity'] },
  hkp: { mayImport: ['http', 'keystore', 'openpgp'] },
  access: { mayImport: ['http', 'keystore', 'openpgp', 'hkp/fold'], typesOf: ['hkp'] },
  mail: { mayImport: ['http', 'keystore', 'openpgp', 'access'], typesOf: ['hkp'] },
  pages: { mayImport: ['http', 'hkp', 'keystore', 'openpgp'] },
  admission: {
    mayImport: [
      'bytes',
      'sif',
      'integrity',
      'openpgp',
      'keyring',
      'policy',
      'hkp/client',
      // Both rooms have databases of LevelDB.
      'keystore/dropped-octets',
    ],
  },
  server: { mayImport: BELOW_SERVICES },
  daemon: { mayImport: BELOW_SERVICES },
  cli: { mayImport: [...BELOW_SERVICES, 'server', 'daemon'] },
};

/** Files at the top of src, which import nothing and which everyone may import. */
export const GROUND: readonly string[] = ['duration.ts', 'error.ts', 'log.ts', 'nearest.ts'];

/** Where a package, or a restricted part of Node.js, may be imported: rooms or single files. */
export const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  '@koa/router': ['http', 'hkp', 'access', 'pages', 'server', 'daemon'],
  koa: ['http', 'hkp', 'access', 'mail', 'pages', 'server', 'daemon'],
  level: ['keystore/level', 'admission/state-db'],
  'node-cron': ['service'],
  nodemailer: ['mail/mailer'],
  openpgp: ['openpgp'],
  pg: ['keystore/postgres'],
  pino: ['service'],
  'prom-client': ['service', 'server', 'daemon'],
  'qrcode-generator': ['pages/qr-code'],
  'smol-toml': ['config', 'policy'],
  yargs: ['cli'],
  zod: ['config', 'policy'],
  'node:http': ['http'],
};

/**
 * Files of a room that not everybody who may import the room may import: what judges signatures for the store judges
 * none that counts for an image.
 */
export const RESERVED: Readonly<Record<string, readonly string[]>> = {
  'openpgp/native-verify': ['openpgp/verify-for-store'],
  'openpgp/verify-for-store': ['hkp/submit', 'hkp/new-revocations', 'cli/dump/examine-worker'],
  'openpgp/trusted-certificate': ['hkp/examine'],
};

/** Names that say nothing about what is inside. */
export const VAGUE_NAMES: readonly string[] = [
  'index',
  'util',
  'utils',
  'helper',
  'helpers',
  'common',
  'misc',
];
