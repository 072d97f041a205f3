import { OutOfBytes } from '../../bytes/reader.ts';
import { IntegrityError } from '../../integrity/error.ts';
import type { ImageProblem, ProblemCode } from '../../policy/facts.ts';
import { SifError } from '../../sif/error.ts';

export function problem(code: ProblemCode, text: string): ImageProblem {
  return { kind: 'problem', code, text };
}

/** One text for whatever is hidden from the caller, so that it does not tell whether there is anything. */
export const NO_PERMISSION: ImageProblem = problem('NO_PERMISSION', 'no permission to read it');

export const CHANGED: ImageProblem = problem('CHANGED_WHILE_READING', 'the file changed while it was read');

/** What an error that came of reading an image says of it. Throws what says nothing of an image. */
export function problemOf(error: unknown): ImageProblem {
  if (error instanceof SifError) return sifProblem(error);
  if (error instanceof IntegrityError && error.code === 'TOO_MUCH_DATA') {
    return problem('LIMIT', error.message);
  }
  // It was as long as it said when reading began.
  if (error instanceof OutOfBytes) return CHANGED;
  if (isSystemError(error)) return systemProblem(error.code);
  throw error;
}

function sifProblem({ code, message }: SifError): ImageProblem {
  if (code === 'NOT_A_SIF') return problem('NOT_SIF', message);
  return problem(code === 'TOO_LARGE' ? 'LIMIT' : 'BAD_FORMAT', message);
}

function systemProblem(code: string): ImageProblem {
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ESRCH':
      return problem('IO_ERROR', 'no such file');
    case 'EACCES':
    case 'EPERM':
      return NO_PERMISSION;
    case 'ELOOP':
      return problem('NOT_SIF', 'a symbolic link; name the file that it leads to');
    default:
      return problem('IO_ERROR', `it cannot be read (${code})`);
  }
}

export function isSystemError(error: unknown): error is NodeJS.ErrnoException & { code: string } {
  return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string';
}
