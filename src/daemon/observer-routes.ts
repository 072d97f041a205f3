import { ADMIN, EVERYBODY } from './door-routes.ts';
import type { DoorRoutes } from './door-routes.ts';
import type { TrustService } from './trust-service.ts';

/** How the daemon is. */
export function addObserverRoutes(routes: DoorRoutes, { observer }: TrustService): void {
  routes.get('/healthz', EVERYBODY, async (ctx) => {
    await Promise.resolve();
    ctx.body = 'ok\n';
  });

  routes.get('/readyz', EVERYBODY, async (ctx, caller) => {
    await Promise.resolve();
    const problems = observer.problems();
    ctx.status = problems.length === 0 ? 200 : 503;
    // What is wrong in detail names files of the host, which is nobody's business but its owner's.
    const told = caller.kind === 'admin' ? problems : problems.map((problem) => problem.split(':')[0] ?? '');
    ctx.body = { ready: problems.length === 0, problems: told };
  });

  routes.get('/v1/status', ADMIN, async (ctx) => {
    await Promise.resolve();
    ctx.body = observer.status();
  });

  routes.get('/metrics', ADMIN, async (ctx) => {
    const { type, text } = await observer.metrics();
    ctx.type = type;
    ctx.body = text;
  });
}
