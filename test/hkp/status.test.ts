import { describe, expect, it } from 'vitest';
import { HkpError } from '../../src/hkp/error.ts';
import { statusOf, statusOfRefusals } from '../../src/hkp/status.ts';
import { HttpError } from '../../src/http/error.ts';
import { KeystoreError } from '../../src/keystore/error.ts';
import { OpenPgpError } from '../../src/openpgp/error.ts';

describe('statusOf', () => {
  it.each([
    [new HttpError('TOO_MANY_REQUESTS', ''), 429],
    [new HkpError('UNKNOWN_OP', ''), 501],
    [new HkpError('SEARCH_TOO_LONG', ''), 414],
    [new OpenPgpError('SECRET_KEY', ''), 400],
    [new OpenPgpError('UPLOAD_TOO_LARGE', ''), 413],
    [new KeystoreError('BAD_PAGE_TOKEN', ''), 400],
    [new KeystoreError('CORRUPT', ''), 500],
    [new Error('anything'), 500],
    ['not an error', 500],
  ])('gives %s a status', (error, status) => {
    expect(statusOf(error)).toBe(status);
  });
});

describe('statusOfRefusals', () => {
  it('is what all refusals have in common, else 422', () => {
    expect(statusOfRefusals(['BLOCKED', 'BLOCKED'])).toBe(403);
    expect(statusOfRefusals(['FORBIDDEN', 'BLOCKED'])).toBe(403);
    expect(statusOfRefusals(['BLOCKED', 'NOTHING_VALID'])).toBe(422);
    expect(statusOfRefusals(['NOTHING_VALID', 'WOULD_MODIFY'])).toBe(422);
    expect(statusOfRefusals(['CERTIFICATE_TOO_LARGE'])).toBe(413);
    expect(statusOfRefusals([])).toBe(422);
  });
});
