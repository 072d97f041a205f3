/*
 * The index for people at a terminal, in the form SKS and keys.sylabs.io give: Singularity 3.0 to 3.3 prints
 * it as it comes (hkp.md 2.5).
 */
import type { CertificateState } from '../openpgp/state.ts';

const RULE = '-'.repeat(80);
const INDENT = ' '.repeat(31);

/** One letter for an algorithm, as GnuPG writes it (`pubkey_letter`). */
const LETTERS: Readonly<Record<number, string>> = {
  1: 'R',
  2: 'R',
  3: 'R',
  16: 'g',
  17: 'D',
  18: 'e',
  19: 'E',
  20: 'G',
  22: 'E',
  27: 'E',
  28: 'E',
};

export function textIndex(search: string, certificates: readonly CertificateState[]): string {
  const head = [
    `Search results for '${plainLine(search)}'`,
    '',
    'Type bits/keyID     Date       User ID',
    RULE,
  ];
  return `${[...head, ...certificates.flatMap(certificateLines)].join('\n')}\n`;
}

function certificateLines(certificate: CertificateState): string[] {
  const { algorithm, fingerprint, created, userIds } = certificate;
  const bits = `${algorithm.bits}${LETTERS[algorithm.number] ?? '?'}`.padStart(5);
  const day = new Date(created * 1000).toISOString().slice(0, 10);
  const names = userIds.map((userId) => plainLine(userId.text) + note(userId));
  const [first = '', ...others] = names;
  return [
    `pub  ${bits}/${fingerprint.slice(-8)} ${day} ${first}${note(certificate, '*** KEY REVOKED ***')}`.trimEnd(),
    `${INDENT}Fingerprint=${fingerprint.replace(/(.{4})(?=.)/g, '$1 ')}`,
    ...others.map((name) => INDENT + name),
    '',
  ];
}

function note(part: { readonly revoked: boolean; readonly expired: boolean }, revoked = '[revoked]'): string {
  if (part.revoked) return ` ${revoked}`;
  return part.expired ? ' [expired]' : '';
}

/** Hostile text on one line: nothing that moves a cursor, hides text or turns its direction. */
export function plainLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '\u{FFFD}');
}
