/* What a target of the fuzzer is, and what several of them share. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * @typedef {import('./mutate.mjs').Form & {
 *   seeds: readonly Uint8Array[],
 *   feed: (octets: Uint8Array) => unknown,
 *   close?: () => Promise<void>,
 * }} Target
 *   `feed` ends, or throws when the program does what it never may.
 */

/** Octets of an input: more finds little more and is slower. */
export const MOST_OCTETS = 64 * 1024;

/**
 * @param {string} folder
 * @param {RegExp} names
 * @returns {Uint8Array[]}
 */
export function filesIn(folder, names) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => names.test(name))
    .toSorted()
    .map((name) => readFileSync(path.join(folder, name)));
}

/** @param {readonly string[]} texts */
export const wordsOf = (texts) => texts.map((text) => Buffer.from(text));

/**
 * @param {Uint8Array} octets
 * @returns {Uint8Array[]} with their ends
 */
export function linesOf(octets) {
  return Buffer.from(octets)
    .toString('latin1')
    .split(/(?<=\n)/)
    .map((line) => Buffer.from(line, 'latin1'));
}

/**
 * What `read` gives, undefined when it refuses with an error of this kind. Any other error goes through.
 *
 * @template T
 * @param {abstract new (...given: never[]) => Error} Refusal
 * @param {() => T} read
 */
export function orRefusal(Refusal, read) {
  try {
    return read();
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/**
 * @template T
 * @param {abstract new (...given: never[]) => Error} Refusal
 * @param {() => Promise<T>} read
 */
export async function orLaterRefusal(Refusal, read) {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/**
 * @param {boolean} holds
 * @param {string} what
 */
export function must(holds, what) {
  if (!holds) throw new Error(`broken promise: ${what}`);
}
