import { existsSync } from 'node:fs';
import { CliError } from '../error.ts';
import { usualSockets } from './usual-sockets.ts';

export interface SocketQuestion {
  /** `--socket`. */
  readonly named: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly uid: number;
  /** Where service sockets live. */
  readonly runFolder?: string;
}

/** Where the daemon listens: as said, or the first usual place that is there. Throws `NO_DAEMON`. */
export function daemonSocket({ named, environment, uid, runFolder }: SocketQuestion): string {
  const said = named ?? environment['VOUCH_SOCKET'];
  if (said !== undefined && said !== '') return said;
  const places = usualSockets(environment, uid, runFolder);
  const found = places.find((place) => existsSync(place));
  if (found !== undefined) return found;
  throw new CliError(
    'NO_DAEMON',
    `no daemon to ask: none of ${places.join(', ')} is there; start it (vouch daemon), or name its socket with --socket or VOUCH_SOCKET`,
  );
}
