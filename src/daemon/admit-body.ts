/* What is asked about images, from JSON or from the query of an address. Throws `BAD_REQUEST`. */
import { BINDINGS } from '../policy/policy.ts';
import type { Binding } from '../policy/policy.ts';
import type { AdmitRequest, ImageRequest } from '../admission/request.ts';
import { MAX_PATH_OCTETS } from '../admission/limits.ts';
import { bad, fieldsOf, isFields, optionalDigest, optionalNumber, optionalText } from './fields.ts';
import type { Fields } from './fields.ts';
import {
  DEFAULT_WAIT,
  MAX_CONTEXT_ENTRIES,
  MAX_CONTEXT_NAME,
  MAX_CONTEXT_TEXT,
  MAX_IMAGES,
  MAX_WAIT,
} from './limits.ts';

const ADMIT_KEYS: readonly string[] = ['images', 'expect', 'context', 'wait_ms', 'min_binding'];

/** Highest process ID and descriptor that Linux gives out (proc(5), kernel.pid_max and fs.nr_open). */
const MAX_PID = 4_194_304;
const MAX_FD = 2_147_483_584;

/** The question in a body; `others` are keys that the caller reads itself. `maxWait` in milliseconds. */
export function readAdmit(value: unknown, maxWait: number, others: readonly string[] = []): AdmitRequest {
  const body = fieldsOf(value, [...ADMIT_KEYS, ...others], 'the body');
  const images = readImages(body['images']);
  const expect = readExpect(body['expect'], images.length);
  const minBinding = readBinding(body['min_binding']);
  return {
    images,
    ...(expect !== undefined && { expect }),
    context: readContext(body['context']),
    wait: waitOf(optionalNumber(body['wait_ms'], 'wait_ms', 0, MAX_WAIT), maxWait),
    ...(minBinding !== undefined && { minBinding }),
  };
}

/** What is waited at the most, whatever a caller says. */
export function waitOf(asked: number | undefined, maxWait: number): number {
  return Math.min(asked ?? DEFAULT_WAIT, maxWait);
}

function readImages(value: unknown): ImageRequest[] {
  if (!Array.isArray(value) || value.length < 1 || value.length > MAX_IMAGES) {
    throw bad(`images must be a list of 1 to ${MAX_IMAGES} images`);
  }
  return value.map((image: unknown, index) => readImage(image, `images[${index}]`));
}

/** An image by path, path in base64, or process and descriptor. */
export function readImage(value: unknown, where: string): ImageRequest {
  const image = fieldsOf(value, ['path', 'path_b64', 'fd'], where);
  if (Object.keys(image).length !== 1) throw bad(`${where} must have one of path, path_b64 and fd`);
  const { path, path_b64: octets, fd } = image;
  if (path !== undefined) {
    if (typeof path !== 'string' || Buffer.from(path).toString() !== path) {
      throw bad(`${where}.path must be a text; use path_b64 for a path that is none`);
    }
    return { kind: 'path', path: checkedPath(Buffer.from(path), `${where}.path`) };
  }
  if (octets === undefined) return readHandle(fd, `${where}.fd`);
  const given = typeof octets === 'string' ? octets : '';
  const decoded = Buffer.from(given, 'base64');
  // Node reads over what is not base64.
  if (given === '' || decoded.toString('base64') !== given) throw bad(`${where}.path_b64 must be base64`);
  return { kind: 'path', path: checkedPath(decoded, `${where}.path_b64`) };
}

function readHandle(value: unknown, where: string): ImageRequest {
  const handle = fieldsOf(value, ['pid', 'fd'], where);
  const pid = optionalNumber(handle['pid'], `${where}.pid`, 1, MAX_PID);
  const fd = optionalNumber(handle['fd'], `${where}.fd`, 0, MAX_FD);
  if (pid === undefined || fd === undefined) throw bad(`${where} must have pid and fd`);
  return { kind: 'fd', pid, fd };
}

/** An absolute path that the kernel would take. */
export function checkedPath(path: Uint8Array, where: string): Uint8Array {
  if (path[0] !== 0x2f || path.includes(0) || path.length > MAX_PATH_OCTETS) {
    throw bad(`${where} must be an absolute path of at most ${MAX_PATH_OCTETS} octets`);
  }
  return path;
}

function readExpect(value: unknown, images: number): string | undefined {
  if (value === undefined) return undefined;
  const digest = optionalDigest(fieldsOf(value, ['sha256'], 'expect')['sha256'], 'expect.sha256');
  if (digest === undefined) throw bad('expect must have sha256');
  if (images !== 1) throw bad('expect is for one image');
  return digest;
}

function readContext(value: unknown): Readonly<Record<string, string>> {
  if (value === undefined) return {};
  if (!isFields(value)) throw bad('context must be an object');
  const names = Object.keys(value);
  if (names.length > MAX_CONTEXT_ENTRIES)
    throw bad(`context must have at most ${MAX_CONTEXT_ENTRIES} entries`);
  return Object.fromEntries(names.map((name) => [contextName(name), contextText(value, name)]));
}

function contextName(name: string): string {
  if (name.length <= MAX_CONTEXT_NAME) return name;
  throw bad(`names in context must have at most ${MAX_CONTEXT_NAME} characters`);
}

function contextText(context: Fields, name: string): string {
  return optionalText(context[name], `context.${name}`, MAX_CONTEXT_TEXT) ?? '';
}

function readBinding(value: unknown): Binding | undefined {
  if (value === undefined) return undefined;
  const binding = BINDINGS.find((known) => known === value);
  if (binding === undefined) throw bad(`min_binding must be one of ${BINDINGS.join(', ')}`);
  return binding;
}
