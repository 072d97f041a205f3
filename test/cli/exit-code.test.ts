import { describe, expect, it } from 'vitest';
import { AccessError } from '../../src/access/error.ts';
import { CliError } from '../../src/cli/error.ts';
import { exitCodeOf } from '../../src/cli/exit-code.ts';
import { ConfigError } from '../../src/config/error.ts';
import { VouchError } from '../../src/error.ts';
import { HttpError } from '../../src/http/error.ts';
import { KeystoreError } from '../../src/keystore/error.ts';
import { OpenPgpError } from '../../src/openpgp/error.ts';

describe('exitCodeOf', () => {
  // The compiler sees to it that every code has one; these are the ones that people and scripts meet.
  it.each([
    [64, new CliError('USAGE', '')],
    [65, new OpenPgpError('SECRET_KEY', '')],
    [65, new KeystoreError('CORRUPT', '')],
    [66, new CliError('NO_SUCH_FILE', '')],
    [66, new KeystoreError('NO_STORE', '')],
    [69, new KeystoreError('WRITE_FAILED', '')],
    [70, new KeystoreError('WRONG_FINGERPRINT', '')],
    [77, new CliError('UNWRITABLE_FILE', '')],
    [78, new ConfigError('UNKNOWN_KEY', '')],
    [78, new AccessError('BAD_NETWORK', '')],
    [78, new HttpError('ADDRESS_IN_USE', '')],
    [78, new KeystoreError('LOCKED', '')],
    [78, new KeystoreError('UNWRITABLE', '')],
  ])('is %i for %o', (exitCode, error) => {
    expect(exitCodeOf(error)).toBe(exitCode);
  });

  it('is 70 for what nobody threw on purpose', () => {
    for (const fault of [new TypeError('x'), new VouchError('NEW', 'x'), 'x', undefined])
      expect(exitCodeOf(fault)).toBe(70);
  });
});
