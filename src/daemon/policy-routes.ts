import { ADMIN, readJson } from './door-routes.ts';
import type { DoorRoutes } from './door-routes.ts';
import { AdmissionError } from '../admission/error.ts';
import type { ReconsideredDecision } from '../admission/admission.ts';
import { bad, fieldsOf, optionalFingerprint, optionalSwitch, optionalText } from './fields.ts';
import { keysAnswer } from './keys-answer.ts';
import { MAX_BODY_OCTETS, MAX_POLICY_BODY_OCTETS } from './limits.ts';
import type { TrustService } from './trust-service.ts';

/** Policy and keys: what answers depend on. */
export function addPolicyRoutes(routes: DoorRoutes, service: TrustService): void {
  const { admission, keys, policies } = service;

  routes.get('/v1/policy', ADMIN, async (ctx) => {
    await Promise.resolve();
    if (policies.status === undefined) throw new AdmissionError('NOT_FOUND', 'no policy is loaded');
    ctx.body = policies.status;
  });

  routes.post('/v1/policy/reload', ADMIN, async (ctx) => {
    const body = fieldsOf(await readJson(ctx, MAX_BODY_OCTETS), ['allow_rollback'], 'the body');
    const allowRollback = optionalSwitch(body['allow_rollback'], 'allow_rollback');
    ctx.body = await policies.reload({ allowRollback });
  });

  routes.post('/v1/policy/diff', ADMIN, async (ctx) => {
    const body = fieldsOf(await readJson(ctx, MAX_POLICY_BODY_OCTETS), ['policy'], 'the body');
    const text = optionalText(body['policy'], 'policy', MAX_POLICY_BODY_OCTETS);
    if (text === undefined) throw bad('policy must be the text of a policy');
    const { considered, changed } = await admission.compare(policies.candidate(text));
    ctx.body = { considered, changed: changed.map(changeAnswer) };
  });

  routes.get('/v1/keys', ADMIN, async (ctx) => {
    await Promise.resolve();
    ctx.body = keysAnswer(keys.status(Math.floor(service.now() / 1000)), admission.policy);
  });

  routes.post('/v1/keys/refresh', ADMIN, async (ctx) => {
    const body = fieldsOf(await readJson(ctx, MAX_BODY_OCTETS), ['fingerprint'], 'the body');
    const fingerprint = optionalFingerprint(body['fingerprint'], 'fingerprint');
    await keys.reloadLocal();
    ctx.body = await keys.refresh({ force: true, ...(fingerprint && { fingerprints: [fingerprint] }) });
  });
}

function changeAnswer({ before, after }: ReconsideredDecision): unknown {
  const { path, path_b64: octets, sha256, rule, verdict, effective, reasons } = after;
  return {
    path,
    ...(octets !== undefined && { path_b64: octets }),
    sha256,
    ...(rule !== undefined && { rule }),
    before: {
      verdict: before.verdict,
      effective: before.effective,
      ...(before.rule && { rule: before.rule }),
    },
    after: { verdict, effective, ...(rule !== undefined && { rule }) },
    reasons,
  };
}
