/* Attacks by and on the clock. The daemon runs with a clock that a test can move. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DAY, makeCertificate, subpackets, EPOCH } from '../../fixtures/test-key.ts';
import { AttackHost } from './attack-host.ts';
import type { Answer } from './attack-host.ts';
import { HostileKeystore } from './hostile-keystore.ts';
import { by, objects } from './signed-image.ts';

const CLOCK = new URL('./shifted-clock.mjs', import.meta.url);

/** Seconds. */
const STALE = 6 * 3600;

let host: AttackHost;
let keystore: HostileKeystore;

const clockFile = (folder: string): string => join(folder, 'clock');
/** Moves the daemon's clock to as many seconds from the real one. */
const move = (seconds: number): void => writeFileSync(clockFile(host.folder), String(seconds * 1000));

beforeAll(async () => {
  keystore = await HostileKeystore.start();
  host = await AttackHost.prepare({
    keystores: [keystore.url],
    // Nothing is asked but what a test asks.
    settings: '[refresh]\nschedule = "0 0 29 2 *"',
    prefix: (folder) => {
      const module = `${CLOCK.href}?file=${encodeURIComponent(pathToFileURL(clockFile(folder)).pathname)}`;
      return [process.execPath, '--import', module];
    },
  });
});
/** The right time, and a daemon that never knew another. */
beforeEach(async () => {
  await host.end();
  await host.forget();
  move(0);
  keystore.down = false;
  await host.begin();
});
afterAll(async () => {
  await host.remove();
  await keystore.stop();
});

describe('the clock', () => {
  it('AD13: while the keystore is down, keys count until max_staleness to the second, then nothing can be told', async () => {
    const alice = makeCertificate();
    keystore.hold(alice);
    await host.trust({ alice }, { defaults: `max_staleness = "${STALE}s"` });
    const path = await host.signed(alice.key);
    keystore.down = true;
    expect((await host.refresh()).failed).toHaveLength(1);
    const state = (await host.keyStates()).find(({ fingerprint }) => fingerprint === alice.fingerprint);
    const answered = Math.floor(Date.parse(state?.standing.last_answer ?? '') / 1000);
    const judged = ({ time, effective, codes }: Answer): void => {
      const stale = Math.floor(Date.parse(time) / 1000) - answered >= STALE;
      expect([time, effective, codes]).toEqual(stale ? [time, 'refuse', ['KEY_STALE']] : [time, 'admit', []]);
    };
    // From one second before it to one second after it, however long the answers take.
    const limit = answered + STALE;
    move(limit - 1 - Date.now() / 1000);
    for (let last = 0; last < (limit + 1) * 1000;) {
      const answer = await host.admit(path);
      judged(answer);
      last = Date.parse(answer.time);
    }
    expect(await host.admit(path)).toMatchObject({ verdict: 'undetermined', effective: 'refuse' });
    expect((await host.gate(path)).status).toBe(503);
    keystore.down = false;
    await host.refresh();
    expect(await host.admit(path)).toMatchObject({ effective: 'admit', codes: [] });
  });

  it('AD17: a clock that goes back one day revives no key; what depends on time is refused until it is right', async () => {
    const alice = makeCertificate();
    // Ends in an hour, so that it is good yesterday as well as today.
    const end = Math.floor(Date.now() / 1000) + 3600;
    const old = makeCertificate(['Old <old@example.org>'], {
      self: { hashed: [subpackets.keyExpires(end - EPOCH)] },
    });
    keystore.hold(alice, old);
    await host.trust({ alice, old });
    const good = await host.signed(alice.key);
    expect(await host.admit(good)).toMatchObject({ effective: 'admit' });
    move(2 * 3600);
    await host.refresh();
    const expired = await host.signed(old.key);
    const refused = await host.admit(expired);
    expect(refused).toMatchObject({ effective: 'refuse' });
    expect(refused.codes.some((code) => code.startsWith('KEY_EXPIRED'))).toBe(true);
    move(2 * 3600 - DAY);
    for (const restarted of [false, true]) {
      if (restarted) {
        await host.end();
        await host.begin();
      }
      expect(await host.admit(expired)).toMatchObject({ effective: 'refuse' });
      const suspect = await host.admit(good);
      expect(suspect).toMatchObject({ verdict: 'undetermined', effective: 'refuse' });
      expect(suspect.codes).toContain('CLOCK_SUSPECT');
      expect(await host.get('/v1/status')).toMatchObject({ clock_suspect: true });
    }
    move(2 * 3600);
    expect(await host.admit(good)).toMatchObject({ effective: 'admit' });
    expect(await host.admit(expired)).toMatchObject({ effective: 'refuse' });
  });

  it('S7.7 a key that expires and a signature that is yet to come are judged by the moment, not by what was kept', async () => {
    const end = Math.floor(Date.now() / 1000) + 7200;
    const alice = makeCertificate(['Alice <alice@example.org>'], {
      self: { hashed: [subpackets.keyExpires(end - EPOCH)] },
    });
    const signers = { alice: [alice.fingerprint] };
    keystore.hold(alice);
    await host.trust({ alice }, { defaults: 'semantics = "singularity"' });
    const path = await host.signed(alice.key);
    expect(await host.admit(path)).toMatchObject({ effective: 'admit' });
    const ahead = Math.floor(Date.now() / 1000) + 3600;
    const future = await host.judge([...objects, by(alice.key, alice.fingerprint, { created: ahead })], {
      signers,
    });
    expect(future.codes).toContain('SIG_FUTURE');
    await host.use({ signers, defaults: 'semantics = "singularity"' });
    move(3 * 3600);
    const later = await host.admit(path);
    expect(later).toMatchObject({ effective: 'refuse' });
    expect(later.codes).toContain('KEY_EXPIRED');
  });
});
