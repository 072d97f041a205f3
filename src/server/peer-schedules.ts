import type { ServerConfig } from '../config/server-config.ts';

/** Cron expressions of the jobs that exchange with peers. */
export function peerSchedules({ peers }: ServerConfig): readonly (readonly [string, string])[] {
  return peers.map(({ name, schedule }) => [jobName(name), schedule]);
}

/** Of the job that exchanges with a peer. */
export function jobName(peer: string): string {
  return `peer:${peer}`;
}
