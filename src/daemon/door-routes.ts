import type { Router } from '@koa/router';
import type { Context } from 'koa';
import { AdmissionError } from '../admission/error.ts';
import type { Caller } from '../admission/request.ts';
import { readBody } from '../http/body.ts';
import { parseStrictJson } from '../http/strict-json.ts';

export type Door = Caller['kind'];

/** Everybody's doors, those of known users, and the daemon's own. */
export const EVERYBODY: readonly Door[] = ['admin', 'user', 'anyone'];
export const KNOWN_USERS: readonly Door[] = ['admin', 'user'];
export const ADMIN: readonly Door[] = ['admin'];

type Handler = (ctx: Context, caller: Caller) => Promise<void>;

/** Routes behind one door. What is offered at other doors only is answered `FORBIDDEN`. */
export class DoorRoutes {
  readonly #router: Router;
  readonly #caller: Caller;

  constructor(router: Router, caller: Caller) {
    this.#router = router;
    this.#caller = caller;
  }

  get(path: string, doors: readonly Door[], handler: Handler): void {
    this.#router.get(path, this.#guarded(doors, handler));
  }

  post(path: string, doors: readonly Door[], handler: Handler): void {
    this.#router.post(path, this.#guarded(doors, handler));
  }

  #guarded(doors: readonly Door[], handler: Handler): (ctx: Context) => Promise<void> {
    const caller = this.#caller;
    if (doors.includes(caller.kind)) return (ctx) => handler(ctx, caller);
    return () => {
      const where = doors.includes('user') ? 'the admin socket and the sockets of users' : 'the admin socket';
      return Promise.reject(new AdmissionError('FORBIDDEN', `this is offered on ${where} only`));
    };
  }
}

/** The body as JSON; without one, an empty object. Throws `BAD_REQUEST` and `BODY_TOO_LARGE`. */
export async function readJson(ctx: Context, limit: number): Promise<unknown> {
  return jsonIn(await readBody(ctx, limit));
}

export function jsonIn(body: Uint8Array): unknown {
  return body.length === 0 ? {} : parseStrictJson(body);
}
