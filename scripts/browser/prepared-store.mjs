import { config, enums, generateKey, readKey, readPrivateKey, reformatKey, revokeKey } from 'openpgp';
import { createSubmit } from '../../build/hkp/submit.js';
import { openLevelKeystore } from '../../build/keystore/level.js';
import { DEFAULT_CHECK_LIMITS } from '../../build/openpgp/limits.js';

const DAY = 86_400_000;
const YEAR = 365 * DAY;

/** Texts that break a page which does not escape, or that show something else than they are. */
export const HOSTILE = [
  '<script>window.hostile = 1; alert(1)</script>',
  '"><img src=x onerror="window.hostile=1">',
  "' onmouseover='window.hostile=1",
  '</title></bdi></ul><h1>Verified by the operator</h1>',
  'javascript:alert(1)',
  'Alice \u202Egro.live@ecila\u202C <mallory@example.org>',
  `${'long'.repeat(200)} <long@example.org>`,
  '\u2066\u0007\u0000 bell <bell@example.org>',
];

/** Keys of everybody else, so that pages have something to page through. */
const CROWD = 45;

/**
 * @typedef {{ fingerprint: string, armor: string, binary: Uint8Array }} Made
 * @typedef {{ alice: Made, expired: Made, revoked: Made, weak: Made, hostile: Made, removed: Made, fresh: Made }} Cast
 *   `fresh` is not in the store.
 */

/**
 * Fills a store as if it had run for three years, and gives the keys that have a part.
 *
 * @param {string} folder
 * @param {number} now
 * @returns {Promise<Cast>}
 */
export async function prepareStore(folder, now) {
  let time = now - 3 * YEAR;
  const keystore = await openLevelKeystore(folder, { now: () => time });
  const submit = createSubmit({
    keystore,
    limits: DEFAULT_CHECK_LIMITS,
    thirdParty: 'strip',
    blocked: new Set(),
  });
  /** @param {Made} made */
  const push = ({ binary }) => submit(binary, { noModification: false });
  try {
    const cast = await makeCast(now);
    for (let i = 0; i < CROWD; i += 1) {
      time += Math.floor(((i % 7) / 3) * 20 * DAY) % (now - time - CROWD * DAY);
      await push(
        await make([{ name: `Member ${i} of the Team`, email: `member${i}@example.org` }], { at: time }),
      );
      if (i === 5) await push(cast.alice[0]);
      if (i === 9) for (const one of [cast.expired, cast.weak, cast.hostile, cast.removed]) await push(one);
      if (i === 20) await push(cast.alice[1]);
      if (i === 30) await push(cast.revoked);
    }
    time = now - 5 * DAY;
    await keystore.remove({
      fingerprint: cast.removed.fingerprint,
      time,
      by: 'owner',
      reason: 'not for the public',
    });
    return { ...cast, alice: cast.alice[1] };
  } finally {
    await keystore.close();
  }
}

/** @param {number} now */
async function makeCast(now) {
  const alice = await generate([{ name: 'Alice Example', email: 'alice@example.org' }], {
    at: now - 2.8 * YEAR,
    years: 4,
    subkeys: 2,
  });
  const more = await reformatKey({
    privateKey: await readPrivateKey({ armoredKey: alice.privateKey }),
    userIDs: [
      { name: 'Alice Example', email: 'alice@example.org' },
      { name: 'Alice of the Cluster', email: 'alice@hpc.example.org' },
    ],
    date: new Date(now - 1.5 * YEAR),
    keyExpirationTime: (4 * YEAR) / 1000,
  });
  const bob = await generate([{ name: 'Bob Retired', email: 'bob@example.org' }], { at: now - 2 * YEAR });
  const { publicKey: revoked } = await revokeKey({
    key: await readPrivateKey({ armoredKey: bob.privateKey }),
    reasonForRevocation: { flag: enums.reasonForRevocation.keyRetired, string: 'left the <b>project</b>' },
    date: new Date(now - 0.5 * YEAR),
  });
  return {
    alice: /** @type {const} */ ([await asMade(alice.publicKey), await asMade(more.publicKey)]),
    revoked: await asMade(revoked),
    expired: await make([{ name: 'Erin Expired', email: 'erin@example.org' }], {
      at: now - 2.5 * YEAR,
      years: 1,
    }),
    weak: await make([{ name: 'Walter Weak', email: 'walter@example.org' }], {
      at: now - 2.5 * YEAR,
      rsaBits: 1024,
    }),
    hostile: await make(
      HOSTILE.map((name) => ({ name })),
      { at: now - 2.5 * YEAR },
    ),
    removed: await make([{ name: 'Rita Removed', email: 'rita@example.org' }], { at: now - 2.5 * YEAR }),
    fresh: await make([{ name: 'Fiona Fresh', email: 'fiona@example.org' }], { at: now - DAY, years: 2 }),
  };
}

/** @typedef {{ at: number, years?: number, subkeys?: number, rsaBits?: number }} Shape */

/**
 * @param {{ name?: string, email?: string }[]} userIDs
 * @param {Shape} shape
 */
function generate(userIDs, { at, years, subkeys = 1, rsaBits }) {
  return generateKey({
    ...(rsaBits === undefined
      ? { type: /** @type {const} */ ('ecc'), curve: /** @type {const} */ ('ed25519Legacy') }
      : { type: /** @type {const} */ ('rsa'), rsaBits, config: { ...config, minRSABits: 1024 } }),
    userIDs,
    date: new Date(at),
    subkeys: Array.from({ length: subkeys }, (_, index) => ({ sign: index === 1 })),
    ...(years === undefined ? {} : { keyExpirationTime: Math.floor((years * YEAR) / 1000) }),
  });
}

/**
 * @param {{ name?: string, email?: string }[]} userIDs
 * @param {Shape} shape
 */
async function make(userIDs, shape) {
  return asMade((await generate(userIDs, shape)).publicKey);
}

/** @param {string} armor */
async function asMade(armor) {
  const key = await readKey({ armoredKey: armor });
  return { fingerprint: key.getFingerprint().toUpperCase(), armor, binary: key.write() };
}
