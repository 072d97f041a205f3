/* Reads what a Vouch keystore says it holds. It is the keystore's word and proves nothing. */
import { HkpClientError } from './error.ts';

const DIGEST = /^[0-9a-f]{64}$/;

/** By fingerprint, of those that were asked for and are held. Throws `BAD_ANSWER`. */
export function readDigests(text: string, asked: ReadonlySet<string>): ReadonlyMap<string, string> {
  const digests = new Map<string, string>();
  for (const [fingerprint, digest] of Object.entries(listed(text))) {
    if (!asked.has(fingerprint) || typeof digest !== 'string' || !DIGEST.test(digest)) throw bad();
    digests.set(fingerprint, digest);
  }
  return digests;
}

function listed(text: string): object {
  try {
    const answer: unknown = JSON.parse(text);
    if (typeof answer === 'object' && answer !== null && 'digests' in answer) {
      const { digests } = answer;
      if (typeof digests === 'object' && digests !== null && !Array.isArray(digests)) return digests;
    }
  } catch {
    // Not JSON: as bad as any other.
  }
  throw bad();
}

function bad(): HkpClientError {
  return new HkpClientError('BAD_ANSWER', 'its answer is not a list of digests');
}
