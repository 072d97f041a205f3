import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstFingerprint, indexFaults } from '../../../src/cli/doctor-server/index-lines.ts';

const FINGERPRINT = '0123456789ABCDEF0123456789ABCDEF01234567';
const GOOD = `info:1:1\npub:${FINGERPRINT}:22:256:1700000000::\nuid:Alice %3A <a@b.org>:1700000000::\n`;

describe('indexFaults', () => {
  it('has nothing to say about an index that clients can read', () => {
    expect(indexFaults(GOOD)).toEqual([]);
    expect(firstFingerprint(GOOD)).toBe(FINGERPRINT);
  });

  it.each([
    ['CR LF', GOOD.replaceAll('\n', '\r\n')],
    ['does not end', GOOD.slice(0, -1)],
    ['first line', GOOD.replace('info:1:1\n', '')],
    ['first line', GOOD.replace('info:1:1', 'info:1')],
    ['announces 2', GOOD.replace('info:1:1', 'info:1:2')],
    ['7 fields', GOOD.replace('1700000000::\nuid', '1700000000:\nuid')],
    ['full fingerprint', GOOD.replace(FINGERPRINT, FINGERPRINT.slice(24))],
    ['algorithm', GOOD.replace(':22:', ':EdDSA:')],
    ['key length', GOOD.replace(':256:', '::')],
    ['more than one flag', GOOD.replace('1700000000::\nuid', '1700000000::re\nuid')],
    ['5 fields', GOOD.replace('uid:', 'uid:x:')],
    ['not escaped', GOOD.replace('Alice', 'Zoë')],
  ])('sees %s', (says, text) => {
    expect(indexFaults(text).join()).toContain(says);
  });

  it('reads anything', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        const faults = indexFaults(`${before}\npub:${after}\nuid:${before}`);
        expect(faults.length).toBeGreaterThan(0);
      }),
    );
  });
});
