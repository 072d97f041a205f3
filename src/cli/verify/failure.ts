import { OutOfBytes } from '../../bytes/reader.ts';
import { IntegrityError } from '../../integrity/error.ts';
import { KeyringError } from '../../keyring/error.ts';
import { SifError } from '../../sif/error.ts';
import { CliError } from '../error.ts';
import { EXIT } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';

export interface Failure {
  readonly message: string;
  readonly exitCode: ExitCode;
}

/**
 * What an error says about the image: that it is none, or that it cannot be told whether it is good. Undefined
 * when it says nothing of the image.
 */
export function failureOf(error: unknown): Failure | undefined {
  if (error instanceof SifError) return { message: error.message, exitCode: EXIT.evidenceBad };
  if (error instanceof IntegrityError) return selectionFailure(error);
  const unknown = error instanceof KeyringError || error instanceof OutOfBytes;
  if (unknown || (error instanceof CliError && error.code === 'UNREADABLE_FILE')) {
    return { message: `it cannot be told: ${error.message}`, exitCode: EXIT.undetermined };
  }
  return undefined;
}

/** In the words of the reference library, and ours behind them. */
function selectionFailure({ code, message }: IntegrityError): Failure | undefined {
  if (code === 'NO_SUCH_GROUP') {
    return { message: `integrity: group not found (${message})`, exitCode: EXIT.noInput };
  }
  if (code === 'NO_SUCH_OBJECT') {
    return { message: `integrity: object not found (${message})`, exitCode: EXIT.noInput };
  }
  return undefined;
}
