/**
 * What performance is held to. A ratio is ours divided by that of the yardstick, both of one run on one machine, the
 * median of interleaved rounds; `must` is what a release has to have, `aim` what is wanted. A bound is the least
 * (`over`) or the most (`under`) that the ratio may be.
 *
 * @typedef {{ over: number } | { under: number }} Bound
 * @typedef {{ what: string, yardstick: string, must: Bound, aim: Bound }} Goal
 * @typedef {object} Measured A figure of one run.
 * @property {string} goal Which goal it is for: a key of `GOALS`.
 * @property {number} ratio The median of the rounds; for goals in milliseconds or MiB the difference or the amount.
 * @property {number} [least] Of the rounds.
 * @property {number} [most] Of the rounds.
 * @property {number} [spread] How far the yardstick itself moved, as a share: above 0.15 the ratio says nothing.
 * @property {Readonly<Record<string, number>>} figures What the ratio is made of, with units in the names: `{'req/s': 1, 'bare req/s': 2}`.
 */

/** @param {number} least */
const over = (least) => ({ over: least });
/** @param {number} most */
const under = (most) => ({ under: most });

/** @type {Readonly<Record<string, Goal>>} */
export const GOALS = {
  P1: goal('get by fingerprint, 16 connections: requests/s', 'bare node:http', over(0.45), over(0.6)),
  P2: goal('get by fingerprint: CPU per request', 'bare node:http', under(2.2), under(1.6)),
  'P3 c16': goal('get, 16 connections: p99', 'bare node:http', under(3), under(2)),
  'P3 c64': goal('get, 64 connections: p99', 'bare node:http', under(4), under(2)),
  'P4 c1': goal('get, 1 connection: requests/s', 'SKS', over(1.1), over(1.4)),
  'P4 c16': goal('get, 16 connections: requests/s', 'SKS', over(2.5), over(4)),
  'P4 c64': goal('get, 64 connections: p99', 'SKS', under(0.1), under(0.1)),
  P5: goal('get, a connection each, 16 at once: requests/s', 'SKS', over(0.85), over(1.1)),
  'P7 bare': goal('index by e-mail: requests/s', 'bare node:http', over(0.45), over(0.6)),
  'P7 sks': goal('index by e-mail: requests/s', 'SKS', over(2.5), over(3.5)),
  'P8 c1': goal('durable push, one after the other: ms above', 'fdatasync of the disk', under(3), under(1.5)),
  'P8 c8': goal('durable pushes, 8 at once: pushes/s', 'SKS', over(0.4), over(0.8)),
  P9: goal('load, self-signatures verified: keys/s', 'sq keyring list', over(0.33), over(0.9)),
  P10: goal('load of a trusted dump: keys/s', 'sks build', over(0.4), over(0.8)),
  P11: goal('vouch verify of a 1 GiB image: time', 'openssl dgst -sha256', under(1.25), under(1.15)),
  'P12 rate': goal('daemon reads one 4 GiB image: octets/s', 'openssl dgst -sha256', over(0.95), over(1)),
  'P12 two': goal('daemon reads two images at once: octets/s', 'one at a time', over(1.8), over(1.9)),
  'P12 memory': goal('daemon after a 4 GiB image: resident MiB', 'none', under(96), under(96)),
  P13: goal('event loop p99 while a 4 GiB image is read: ms above', 'idle daemon', under(5), under(2)),
  P14: goal('vouch verify, 4 MiB image: time', 'node -e 0', under(4.5), under(2.5)),
  P15: goal('vouch verify by a warm daemon: time', 'node -e 0', under(1.5), under(1.3)),
  P16: goal('known image decided: p50', 'bare node:http on a Unix socket', under(1.5), under(1.2)),
  'P17 version': goal('vouch --version: time', 'node -e 0', under(1.5), under(1.2)),
  'P17 serve': goal('vouch serve to its first answer: time', 'node -e 0', under(10), under(6)),
  P18: goal('open after kill -9: ms above', 'open after close', under(50), under(50)),
  P19: goal('memory of the keystore, 6,000 keys, after load', 'bare node:http', under(1.6), under(1.3)),
  P20: goal('get by fingerprint of 1,000,000: CPU per request', '10,000', under(2), under(1.5)),
  P21: goal('100,000 keys, after 1,000,000 lookups: resident MiB', 'none', under(250), under(200)),
  P22: goal('vouch-gate: time', 'curl --unix-socket', under(1.5), under(1.3)),
  P23: goal('1,000 at once for one cold image: time', 'one', under(1.2), under(1.1)),
  P24: goal('refresh of 10,000 hosts by change log: requests', 'key by key', under(1 / 20), under(1 / 100)),
};

/**
 * @param {string} what
 * @param {string} yardstick
 * @param {Bound} must
 * @param {Bound} aim
 * @returns {Goal}
 */
function goal(what, yardstick, must, aim) {
  return { what, yardstick, must, aim };
}

/**
 * @param {number} ratio
 * @param {Bound} bound
 */
export function meets(ratio, bound) {
  return 'over' in bound ? ratio >= bound.over : ratio <= bound.under;
}

/** Where the yardstick itself moved by more than this share, its ratios say nothing. */
export const MAX_SPREAD = 0.15;

/**
 * What a figure says about its goal; `void`: nothing, as the machine was not quiet enough.
 *
 * @param {Measured} measured
 * @returns {'void' | 'aim' | 'must' | 'missed'}
 */
export function verdictOf({ goal: name, ratio, spread = 0 }) {
  const held = GOALS[name];
  if (held === undefined) throw new RangeError(`there is no goal "${name}"`);
  if (spread > MAX_SPREAD || !Number.isFinite(ratio)) return 'void';
  if (meets(ratio, held.aim)) return 'aim';
  return meets(ratio, held.must) ? 'must' : 'missed';
}
