import { realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  CHECKS_PASSED,
  decisionAnswer,
  DIGEST,
  FINGERPRINT,
  refusedImage,
  withFakeDaemon,
} from './daemon/fake-daemon.ts';
import type { Answered, Asked } from './daemon/fake-daemon.ts';
import { vouch } from './vouch.ts';
import type { Ended } from './vouch.ts';

async function explain(
  answer: Answered,
  words: readonly string[] = [],
): Promise<Ended & { asked: readonly Asked[]; image: string; text: string }> {
  return withFakeDaemon(
    () => answer,
    async ({ socketPath, folder, asked }) => {
      const image = join(await realpath(folder), 'a.sif');
      await writeFile(image, 'x');
      await writeFile(join(folder, 'policy.toml'), 'serial = 1 # ä');
      const given = words.map((word) => word.replace('FOLDER', folder));
      const ended = await vouch(['explain', image, '--socket', socketPath, ...given]);
      return { ...ended, asked: [...asked], image, text: ended.stdout.toString() };
    },
  );
}

const REVOKED = refusedImage('/srv/prod/a.sif', 'KEY_REVOKED_HARD', {
  reasons: [
    {
      code: 'KEY_REVOKED_HARD',
      check: 'revocation',
      action: 'enforce',
      fingerprint: FINGERPRINT,
      source: 'REMOTE',
      text: "alice's key was revoked as compromised on 2026-11-20",
      fix: "re-sign with a key of set 'release'",
    },
    { code: 'KEY_STALE', check: 'freshness', action: 'warn', text: 'the keystore is silent' },
  ],
  checks: { ...CHECKS_PASSED, revocation: 'fail', freshness: 'undetermined' },
  threshold: { need: 2, have: 1, must: ['release-robot'], missing: ['release-robot'] },
  signers: [
    {
      name: 'alice',
      fingerprint: FINGERPRINT,
      source: 'REMOTE',
      keyState: 'revoked-hard',
      signedAt: 1_700_000_000,
      firstSeen: 1_750_000_000,
      objects: [1, 2, 3],
      counts: false,
    },
  ],
});

describe('vouch explain', () => {
  it('tells the whole story', async () => {
    const told = await explain({ body: decisionAnswer([REVOKED], { log_pos: undefined }) });
    expect(told).toMatchObject({ code: 12, stderr: '' });
    expect(told.asked[0]).toMatchObject({
      method: 'POST',
      path: '/v1/explain',
      body: { images: [{ path: told.image }], wait_ms: 30_000 },
    });
    expect(told.text).toBe(
      `Refused: /srv/prod/a.sif
Rule:      prod (the most specific scope that this path lies in; no other rule counts)
SHA-256:   ${DIGEST}
Read:      2026-11-22T02:40:11.123Z, known from before
Binding:   identity: every ordinary change is noticed; a mapping that the file's owner kept is not
Stronger:  fd (asking for a file that is held open (--by-fd)); root-owned (the file and every folder above it owned by root, and writable by nobody else); store (vouch promote)
Threshold: 1 of 2 signers that the rule needs; it must be signed by release-robot, of whom release-robot did not count
Signers:
[REMOTE]           Signing entity: alice
[REMOTE]           Fingerprint: ${FINGERPRINT}
[REMOTE]           Key: revoked as compromised
  does not count; signed objects 1, 2, 3; on 2023-11-14T22:13:20Z by its own word; seen here first on 2025-06-15T15:06:40Z
Checks:
  integrity     pass
  coverage      pass
  authenticity  pass
  revocation    fail (KEY_REVOKED_HARD)
  expiry        pass
  freshness     undetermined (KEY_STALE)
  transparency  skip
  binding       pass
  window        pass
Reasons:
  KEY_REVOKED_HARD: alice's key was revoked as compromised on 2026-11-20 (REMOTE)
    fix: re-sign with a key of set 'release'
  KEY_STALE: warning: the keystore is silent

Policy:    serial 42, SHA-256 ${'cd'.repeat(32)}
Keys:      the oldest answer is 812 s old
Decided:   2026-11-22T02:40:11.123Z
`,
    );
  });

  it('says so when there is no rule, no policy, nothing to check and no keystore', async () => {
    const image = refusedImage('/a', 'NO_RULE', {
      rule: null,
      checks: null,
      signers: [],
      threshold: null,
      sha256: null,
      bytes_verified_at: null,
    });
    const { text, code } = await explain({
      body: decisionAnswer([image], { policy: null, keys_age_s: null }),
    });
    expect(code).toBe(10);
    expect(text).toContain('Rule:      none has a scope that this path lies in\n');
    expect(text).toContain('Signers:   none whose key is known\n');
    expect(text).toContain('No policy is loaded\n');
    expect(text).toContain('no keystore is asked\n');
    expect(text).not.toContain('Checks:');
  });

  it('asks what another policy would say, at another time', async () => {
    const words = ['--policy', 'FOLDER/policy.toml', '--at', '2027-01-31T12:00:00+01:00'];
    const { asked } = await explain({ body: decisionAnswer([REVOKED]) }, words);
    expect(asked[0]?.body).toMatchObject({ policy: 'serial = 1 # ä', at: '2027-01-31T11:00:00.000Z' });
  });

  it('answers in the JSON of the daemon', async () => {
    const { text } = await explain({ body: decisionAnswer([REVOKED]) }, ['--json']);
    expect(JSON.parse(text)).toEqual(decisionAnswer([REVOKED]));
  });

  it.each([['tomorrow'], ['2027-01-31T12:00:00'], ['2027-13-01']])(
    'does not take %s for a time',
    async (at) => {
      const told = await explain({ body: {} }, ['--at', at]);
      expect(told.code).toBe(64);
      expect(told.asked).toEqual([]);
    },
  );

  it("tells the daemon's complaint about a policy, and exits 65", async () => {
    const body = { error: { code: 'UNKNOWN_KEY', message: 'candidate:1: serail: unknown key' } };
    const told = await explain({ status: 422, body }, ['--policy', 'FOLDER/policy.toml']);
    expect(told.code).toBe(65);
    expect(told.stderr).toBe('vouch: candidate:1: serail: unknown key\n');
    expect((await explain({ body: {} }, ['--policy', 'FOLDER/none'])).code).toBe(66);
  });
});
