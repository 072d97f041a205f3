import { describe, expect, it } from 'vitest';
import { outcomeOf } from '../../src/admission/outcome.ts';
import { aliceKey, alicePolicy, DIGEST, evidenceOf, lookAt, NOW, policyOf, scene } from './deciding.ts';
import type { Scene } from './deciding.ts';

const ADMIN = { kind: 'admin' } as const;
const IMAGE = '/srv/a.sif';

function withImage(given: Scene, path: string = IMAGE, sha256: string = DIGEST): Scene {
  given.looks.set(path, lookAt(path, { kind: 'content', evidence: evidenceOf(sha256) }));
  return given;
}

describe('Admission', () => {
  it('admits what the policy admits, says by which rule and whose key, and logs it', async () => {
    const { admission, ask, lines } = withImage(scene(alicePolicy()));
    const decision = await admission.admit(ask([IMAGE], { context: { job: '12' } }), {
      kind: 'user',
      uid: 1000,
    });
    expect(decision).toMatchObject({
      verdict: 'admit',
      effective: 'admit',
      decision_id: 'decision-1',
      time: '2026-11-22T12:00:00.000Z',
      keys_epoch: 7,
      caller: { uid: 1000, attested: 'socket' },
      context: { job: '12' },
      log_pos: 1,
      images: [{ path: IMAGE, rule: 'srv', sha256: DIGEST, signers: [{ name: 'alice', source: 'LOCAL' }] }],
    });
    expect(lines).toHaveLength(1);
    expect(outcomeOf(decision)).toBe('admitted');
  });

  it('refuses everything without a policy, and says why', async () => {
    const { admission, ask } = withImage(scene(undefined));
    const decision = await admission.admit(ask([IMAGE]), ADMIN);
    expect(decision).toMatchObject({ effective: 'refuse', reasons: [{ code: 'POLICY_NOT_LOADED' }] });
    expect(outcomeOf(decision)).toBe('undetermined');
  });

  it('asks policy and keys anew for each answer: known bytes never keep an old verdict', async () => {
    const given = withImage(scene(alicePolicy()));
    const { admission, ask } = given;
    expect((await admission.admit(ask([IMAGE]), ADMIN)).effective).toBe('admit');
    given.maker = aliceKey({ revocation: { hard: true, at: 1, text: '', from: 'REMOTE' } });
    const revoked = await admission.admit(ask([IMAGE]), ADMIN);
    expect(revoked).toMatchObject({ effective: 'refuse', reasons: [{ code: 'KEY_REVOKED_HARD' }] });
    expect(outcomeOf(revoked)).toBe('key');
    given.maker = aliceKey();
    admission.setPolicy(policyOf('version = 1\nserial = 2\n[[deny]]\nsha256 = "' + DIGEST + '"\n'));
    const denied = await admission.admit(ask([IMAGE]), ADMIN);
    expect(denied).toMatchObject({ effective: 'refuse', policy: { serial: 2 } });
  });

  it('decides several images together: one that is refused refuses all, and is the reason', async () => {
    const given = withImage(withImage(scene(alicePolicy())), '/elsewhere/b.sif', 'cd'.repeat(32));
    const decision = await given.admission.admit(given.ask([IMAGE, '/elsewhere/b.sif']), ADMIN);
    expect(decision.images.map(({ effective }) => effective)).toEqual(['admit', 'refuse']);
    expect(decision).toMatchObject({ effective: 'refuse', reasons: [{ code: 'NO_RULE' }] });
    expect(outcomeOf(decision)).toBe('policy');
  });

  it('refuses other bytes than the caller expects', async () => {
    const { admission, ask } = withImage(scene(alicePolicy()));
    const other = await admission.admit(ask([IMAGE], { expect: 'cd'.repeat(32) }), ADMIN);
    expect(other.reasons[0]?.code).toBe('EXPECTED_DIGEST_MISMATCH');
    expect((await admission.admit(ask([IMAGE], { expect: DIGEST }), ADMIN)).effective).toBe('admit');
  });

  it('admits in audit mode and keeps what would have been', async () => {
    const given = withImage(scene(alicePolicy('mode = "audit"')));
    given.maker = undefined;
    const decision = await given.admission.admit(given.ask([IMAGE]), ADMIN);
    expect(decision).toMatchObject({ verdict: 'refuse', effective: 'admit', mode: 'audit', would: 'refuse' });
    expect(outcomeOf(decision)).toBe('exception');
  });

  it('AD25: refuses what it cannot log, unless the policy says to admit', async () => {
    const given = withImage(scene(alicePolicy()));
    given.logFails = true;
    const refused = await given.admission.admit(given.ask([IMAGE]), ADMIN);
    expect(refused).toMatchObject({ effective: 'refuse', reasons: [{ code: 'LOG_UNAVAILABLE' }] });
    expect(refused.log_pos).toBeUndefined();
    expect(outcomeOf(refused)).toBe('undetermined');
    given.admission.setPolicy(alicePolicy('', 'on_log_failure = "admit"'));
    const admitted = await given.admission.admit(given.ask([IMAGE]), ADMIN);
    expect(admitted).toMatchObject({
      effective: 'admit',
      reasons: [{ code: 'LOG_UNAVAILABLE', action: 'warn' }],
    });
  });

  it('passes on that too many wait', async () => {
    const { admission, ask } = scene(alicePolicy());
    await expect(admission.admit(ask([IMAGE]), ADMIN)).rejects.toMatchObject({ code: 'QUEUE_FULL' });
  });

  it('keeps the octets of a path that is no text', async () => {
    const given = scene(alicePolicy());
    const path = Buffer.from([0x2f, 0x73, 0x72, 0x76, 0x2f, 0xff, 0x0a]);
    const look = lookAt('', { kind: 'content', evidence: evidenceOf() });
    given.looks.set(path.toString(), { ...look, path });
    const request = { ...given.ask([]), images: [{ kind: 'path', path } as const] };
    const [image] = (await given.admission.admit(request, ADMIN)).images;
    expect(image?.path_b64).toBe(path.toString('base64'));
  });
});

describe('Admission, what it remembers', () => {
  it('records when bytes were first seen, once, with the position of the log', async () => {
    const given = withImage(scene(alicePolicy()));
    await given.admission.admit(given.ask([IMAGE]), ADMIN);
    given.now += 3_600_000;
    await given.admission.admit(given.ask([IMAGE]), ADMIN);
    expect(await given.firstSeen.get(DIGEST)).toEqual({ time: NOW, logPosition: 0 });
  });

  it('explains without a trace: nothing is logged, nothing counts as seen', async () => {
    const given = withImage(scene(alicePolicy()));
    const decision = await given.admission.explain(given.ask([IMAGE]), ADMIN);
    expect(decision.effective).toBe('admit');
    expect(decision.log_pos).toBeUndefined();
    expect(given.lines).toEqual([]);
    expect(await given.firstSeen.get(DIGEST)).toBeUndefined();
    expect(given.recent.entries()).toEqual([]);
  });

  it('explains by a candidate, as of another time, at another place', async () => {
    const { admission, ask } = withImage(scene(alicePolicy()));
    const waived = `version = 1\nserial = 9\n[[waiver]]\nsha256 = "${DIGEST}"\nrule = "x"\nuntil = 2026-12-01T00:00:00Z\nreason = "r"
[[signer]]\nname = "s"\nkeys = ["${'B'.repeat(40)}"]\n[[rule]]\nname = "x"\nscope = "/opt"\nrequire = { set = "s", threshold = 1 }\n`;
    const policy = policyOf(waived);
    const place = { path: Buffer.from('/opt/a.sif'), binding: 'store' } as const;
    const now = await admission.explain(ask([IMAGE]), ADMIN, { policy, place });
    expect(now).toMatchObject({ effective: 'admit', images: [{ path: '/opt/a.sif', waived: true }] });
    const later = { policy, place, at: Date.parse('2026-12-01T00:00:00Z') };
    expect((await admission.explain(ask([IMAGE]), ADMIN, later)).effective).toBe('refuse');
  });

  it('says which of the last answers would be another one now', async () => {
    const given = withImage(withImage(scene(alicePolicy())), '/srv/b.sif', 'cd'.repeat(32));
    await given.admission.admit(given.ask([IMAGE]), ADMIN);
    await given.admission.admit(given.ask(['/srv/b.sif']), ADMIN);
    expect(await given.admission.compare()).toMatchObject({ considered: 2, changed: [] });
    const denying = policyOf(`version = 1\nserial = 2\n[[deny]]\nsha256 = "${DIGEST}"\n`);
    const { changed } = await given.admission.compare(denying);
    expect(
      changed.map(({ before, after }) => [before.effective, after.effective, after.path]),
    ).toContainEqual(['admit', 'refuse', IMAGE]);
    given.maker = aliceKey({ revocation: { hard: true, at: 1, text: '', from: 'REMOTE' } });
    expect((await given.admission.compare()).changed).toHaveLength(2);
    expect(given.lines).toHaveLength(2);
  });

  it('does not let a step of the clock decide', async () => {
    const given = withImage(scene(alicePolicy()));
    given.suspect = true;
    given.maker = aliceKey({ expires: NOW / 1000 + 60 });
    const decision = await given.admission.admit(given.ask([IMAGE]), ADMIN);
    expect(decision).toMatchObject({ verdict: 'undetermined', reasons: [{ code: 'CLOCK_SUSPECT' }] });
  });
});
