/* What is told of each way to serve a store, ratios first. */
import { short } from './figures.mjs';

export const NODES_HEAD = [
  'store',
  'lookups ×',
  'CPU ×',
  'pushes ×',
  'CPU ×',
  'lookups/s',
  'p99 ms',
  'CPU µs',
  'pushes/s',
  'CPU µs',
];

/** @param {import('./nodes.mjs').NodesRun['subjects'][number]} subject */
export function nodesRow({ name, sample, ratio }) {
  const figures = [
    ratio.lookups,
    ratio.lookupProcessor,
    ratio.pushes,
    ratio.pushProcessor,
    sample.lookups,
    sample.lookupP99,
    sample.lookupProcessor,
    sample.pushes,
    sample.pushProcessor,
  ];
  return [name, ...figures.map(short)];
}
