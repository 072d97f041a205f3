import { join } from 'node:path';

/** Where service sockets live. */
export const RUN_FOLDER = '/run/vouch';

/** Where the daemon of this host listens, for this user, when nothing else is said: the first that is there. */
export function usualSockets(
  environment: Readonly<Record<string, string | undefined>>,
  uid: number,
  runFolder: string = RUN_FOLDER,
): readonly string[] {
  const runtime = environment['XDG_RUNTIME_DIR'] ?? '';
  return [
    join(runFolder, 'u', `${uid}.sock`),
    ...(uid === 0 ? [join(runFolder, 'admin.sock')] : []),
    join(runFolder, 'public.sock'),
    ...(runtime === '' ? [] : [join(runtime, 'vouch', 'admin.sock')]),
  ];
}
