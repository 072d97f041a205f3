/* What is told of each size of a store, in this order. */

/** Changes on a page of the log, as hosts that come every few hours find them. */
export const CHANGES = 20;

/** @type {readonly (readonly [string, (point: import('./growth.mjs').GrowthPoint) => number])[]} */
export const GROWTH_ROWS = [
  ['get by fingerprint: CPU µs', ({ sample }) => sample.get.processor],
  ['get by fingerprint: requests/s', ({ sample }) => sample.get.perSecond],
  ['get by fingerprint: p99 ms', ({ sample }) => sample.get.p99],
  ['index by e-mail: CPU µs', ({ sample }) => sample.index.processor],
  ['index by e-mail: requests/s', ({ sample }) => sample.index.perSecond],
  ['first page of a word that all have: ms', ({ sample }) => sample.word],
  [`${CHANGES} changes of the log: ms`, ({ sample }) => sample.changes],
  ['start to first answer: ms', ({ sample }) => sample.start],
  ['memory after lookups: resident MiB, mapped files included', ({ sample }) => sample.resident],
  ['memory after lookups: its own MiB', ({ sample }) => sample.anonymous],
  ['load: certificates/s', ({ load }) => load.certificates / load.seconds],
  ['load: CPU µs a certificate', ({ load }) => (load.processorSeconds / load.certificates) * 1e6],
  ['load: s', ({ load }) => load.seconds],
  ['load: peak resident MiB, mapped files included', ({ load }) => load.peak],
  ['load: its own MiB at most', ({ load }) => load.own ?? Number.NaN],
  ['store: octets a certificate', ({ load }) => load.storeOctets / load.certificates],
  ['backup: s', ({ backup }) => backup.seconds],
  ['backup: octets a certificate', ({ size, backup }) => backup.octets / size],
  ['backup: peak resident MiB, mapped files included', ({ backup }) => backup.peak],
  ['check: s', ({ check }) => check.seconds],
  ['check: peak resident MiB, mapped files included', ({ check }) => check.peak],
];
