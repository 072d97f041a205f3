/* Whether JSON from a log's file is a decision. What reads the log relies on these fields, whoever wrote the file. */
import { isObject } from './json-object.ts';

type Fields = Readonly<Record<string, unknown>>;

const VERDICTS: ReadonlySet<unknown> = new Set(['admit', 'refuse', 'undetermined']);
const EFFECTIVE: ReadonlySet<unknown> = new Set(['admit', 'refuse']);

export function isDecision(value: Fields): boolean {
  return (
    VERDICTS.has(value['verdict']) &&
    EFFECTIVE.has(value['effective']) &&
    ['decision_id', 'time', 'mode'].every((name) => typeof value[name] === 'string') &&
    every(value['reasons'], isReason) &&
    every(value['images'], isImage) &&
    isCaller(value['caller']) &&
    isPolicy(value['policy'])
  );
}

function isImage(image: Fields): boolean {
  return (
    typeof image['path'] === 'string' &&
    typeof image['binding'] === 'string' &&
    VERDICTS.has(image['verdict']) &&
    EFFECTIVE.has(image['effective']) &&
    ['rule', 'sha256', 'path_b64'].every((name) => isOptionalText(image[name])) &&
    every(image['reasons'], isReason) &&
    every(image['signers'], isSigner)
  );
}

function isReason(reason: Fields): boolean {
  return (
    ['code', 'text'].every((name) => typeof reason[name] === 'string') &&
    isOptionalText(reason['fingerprint'])
  );
}

function isSigner(signer: Fields): boolean {
  return (
    ['fingerprint', 'source', 'keyState'].every((name) => typeof signer[name] === 'string') &&
    isOptionalText(signer['name']) &&
    typeof signer['counts'] === 'boolean'
  );
}

function isCaller(caller: unknown): boolean {
  if (!isObject(caller) || typeof caller['attested'] !== 'string') return false;
  return caller['uid'] === undefined || typeof caller['uid'] === 'number';
}

function isPolicy(policy: unknown): boolean {
  if (policy === undefined) return true;
  return isObject(policy) && typeof policy['sha256'] === 'string' && typeof policy['serial'] === 'number';
}

function isOptionalText(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

function every(values: unknown, is: (value: Fields) => boolean): boolean {
  return Array.isArray(values) && values.every((value: unknown) => isObject(value) && is(value));
}
