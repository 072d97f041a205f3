import { AdmissionError } from './error.ts';
import { runningUses } from './running-uses.ts';
import type { RunningUse } from './running-uses.ts';
import type { ImageUse, KnownPath, Uses } from './uses.ts';

export type AffectedQuery = { readonly fingerprint: string } | { readonly sha256: string };

/** An image that was admitted: the shape of the API. Times are ISO 8601. */
export interface AffectedImage {
  readonly sha256: string;
  /** Where it was, the newest place last. What is there now may be another image. */
  readonly paths: readonly KnownPath[];
  /** Users that it was admitted for. */
  readonly uids: readonly number[];
  readonly signers: readonly string[];
  readonly rule?: string;
  readonly first_admitted: string;
  readonly last_admitted: string;
  readonly times: number;
  /** Uses of the files at its paths, now. */
  readonly running: readonly RunningUse[];
}

export interface Affected {
  readonly images: readonly AffectedImage[];
  /** There are more than are told. */
  readonly more: boolean;
  /** False: there may be more running uses, in processes that this one may not look into. */
  readonly running_complete: boolean;
}

/** Images that are told at once. */
const MAX_IMAGES = 1000;

/**
 * What was admitted because of a key, or of an image: where it is, who ran it, and whether it runs now. `root` is
 * where /sys and /proc are. Throws `BAD_REQUEST` for what is not a fingerprint or digest.
 */
export async function affected(
  uses: Uses,
  query: AffectedQuery,
  { root = '/' }: { readonly root?: string } = {},
): Promise<Affected> {
  const wanted =
    'sha256' in query ? [digestOf(query.sha256)] : uses.signedBy(fingerprintOf(query.fingerprint));
  await uses.catchUp();
  const images: (ImageUse & { readonly sha256: string })[] = [];
  let more = false;
  for await (const sha256 of wanted) {
    more = images.length >= MAX_IMAGES;
    if (more) break;
    const use = await uses.get(sha256);
    if (use !== undefined) images.push({ sha256, ...use });
  }
  const running = await runningUses(
    images.flatMap(({ paths }) => paths.map(octetsOf)),
    root,
  );
  return {
    images: images.map((image) => answer(image, running.uses)),
    more,
    running_complete: running.complete,
  };
}

function answer(
  image: ImageUse & { readonly sha256: string },
  running: readonly RunningUse[],
): AffectedImage {
  const { sha256, paths, uids, signers, rule, first, last, count } = image;
  const named = new Set(paths.map((path) => octetsOf(path).toString()));
  return {
    sha256,
    paths,
    uids,
    signers,
    ...(rule === undefined ? {} : { rule }),
    first_admitted: first,
    last_admitted: last,
    times: count,
    running: running.filter(({ path }) => named.has(path)),
  };
}

function octetsOf({ path, path_b64 }: KnownPath): Buffer {
  return path_b64 === undefined ? Buffer.from(path) : Buffer.from(path_b64, 'base64');
}

function digestOf(text: string): string {
  const digest = text.toLowerCase().replace(/^sha256:/, '');
  if (/^[0-9a-f]{64}$/.test(digest)) return digest;
  throw new AdmissionError('BAD_REQUEST', 'a SHA-256 digest has 64 hexadecimal digits');
}

function fingerprintOf(text: string): string {
  const digits = text.replace(/^0x|\s/gi, '').toUpperCase();
  if (/^(?:[0-9A-F]{40}|[0-9A-F]{64})$/.test(digits)) return digits;
  throw new AdmissionError('BAD_REQUEST', 'a fingerprint has 40 or 64 hexadecimal digits');
}
