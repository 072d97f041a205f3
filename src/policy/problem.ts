import type { Note } from './check-result.ts';
import type { ImageProblem, ProblemCode } from './facts.ts';
import { quoted } from './wording.ts';

interface Consequence {
  /** `refuse`: the image is none that may run. `undetermined`: nobody could look. */
  readonly verdict: 'refuse' | 'undetermined';
  readonly fix: string;
}

const CONSEQUENCE: Readonly<Record<ProblemCode, Consequence>> = {
  NOT_SIF: { verdict: 'refuse', fix: 'give a SIF image; build one with apptainer or singularity' },
  BAD_FORMAT: { verdict: 'refuse', fix: 'copy the image again or build it anew' },
  LIMIT: { verdict: 'refuse', fix: 'build the image with fewer objects or signatures, or raise the limit' },
  IO_ERROR: { verdict: 'undetermined', fix: 'see whether the file is there and its file system answers' },
  NO_PERMISSION: { verdict: 'undetermined', fix: 'let the caller and the daemon read the file' },
  CHANGED_WHILE_READING: { verdict: 'undetermined', fix: 'ask again when nobody writes the file any more' },
  DEADLINE: { verdict: 'undetermined', fix: 'ask again: reading goes on' },
  EXPECTED_DIGEST_MISMATCH: {
    verdict: 'refuse',
    fix: 'fetch the image again, or correct the digest that is expected',
  },
};

export function problemNote({ code, text }: ImageProblem): Note {
  return { code, text: quoted(text), fix: CONSEQUENCE[code].fix };
}

export function problemVerdict({ code }: ImageProblem): 'refuse' | 'undetermined' {
  return CONSEQUENCE[code].verdict;
}
