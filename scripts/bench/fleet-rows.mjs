/* The figures of a fleet as a table: by change log beside key by key. */
import { short } from './figures.mjs';

/**
 * @param {readonly import('./goals.mjs').Measured[]} measured
 * @param {import('./fleet.mjs').Sizes} sizes
 */
export function fleetRows([measured], { hosts, keys, sample }) {
  const figures = measured?.figures ?? {};
  const names = [...new Set(Object.keys(figures).map((name) => name.slice(0, name.lastIndexOf(','))))];
  const rows = names.map((name) => {
    const [log, key] = [figures[`${name}, log`] ?? Number.NaN, figures[`${name}, keys`] ?? Number.NaN];
    return [name, short(log / key), short(log), short(key)];
  });
  return [[`${keys} keys a host`, 'ratio', `log, ${hosts} hosts`, `key by key, ${sample} hosts`], ...rows];
}
