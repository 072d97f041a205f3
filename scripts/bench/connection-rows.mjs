/* Lookups by connections as a table, the ratio first. */
import { short } from './figures.mjs';

/** @param {readonly import('./connections.mjs').ConnectionPoint[]} points */
export function connectionRows(points) {
  const head = ['connections', '× bare', 'requests/s', 'bare', 'p50 ms', 'bare', 'p99 ms', 'bare'];
  const rows = points.map(({ connections, ratio, vouch, bare }) =>
    [connections, ratio, vouch.perSecond, bare.perSecond, vouch.p50, bare.p50, vouch.p99, bare.p99].map(
      short,
    ),
  );
  return [head, ...rows];
}
