import type { CertificateRecord, Term, TermKind } from '../keystore/keystore.ts';
import { serializeCertificate } from '../openpgp/certificate.ts';
import type { Certificate, KeyComponent } from '../openpgp/certificate.ts';
import { SUBKEY_BINDING } from '../openpgp/signature.ts';
import { sksDigest } from '../openpgp/sks-digest.ts';
import { emailOf, userIdText } from '../openpgp/user-id.ts';
import { foldText, wordsOf } from './fold.ts';
import { MAX_WORDS_PER_USER_ID } from './limits.ts';

/** A certificate as the keystore keeps it. */
export function recordOf(certificate: Certificate): CertificateRecord {
  return {
    fingerprint: certificate.primary.key.fingerprint,
    bytes: serializeCertificate(certificate),
    terms: termsOfCertificate(certificate),
  };
}

/** Of the primary key and of all subkeys. */
export function fingerprintsOf({ primary, subkeys }: Certificate): string[] {
  return [primary, ...subkeys].map(({ key }) => key.fingerprint);
}

/** Everything a certificate can be found by, each term once. */
export function termsOfCertificate(certificate: Certificate): Term[] {
  const { primary, userIds, subkeys } = certificate;
  const terms = new DistinctTerms();
  addKey(terms, primary);
  for (const subkey of subkeys) {
    if (subkey.signatures.some(({ type }) => type === SUBKEY_BINDING)) addKey(terms, subkey);
  }
  terms.add('digest', sksDigest(certificate));
  for (const { packet } of userIds) addUserId(terms, userIdText(packet.body));
  return terms.all;
}

class DistinctTerms {
  readonly all: Term[] = [];
  readonly #known = new Set<string>();

  add(kind: TermKind, value: string): void {
    const term = `${kind} ${value}`;
    if (this.#known.has(term)) return;
    this.#known.add(term);
    this.all.push({ kind, value });
  }
}

function addKey(terms: DistinctTerms, { key: { fingerprint, keyId } }: KeyComponent): void {
  terms.add('fingerprint', fingerprint);
  terms.add('keyid', keyId);
  terms.add('short', keyId.slice(-8));
}

function addUserId(terms: DistinctTerms, text: string): void {
  const email = emailOf(text);
  terms.add('userid', foldText(text.trim()));
  if (email !== undefined) terms.add('email', foldText(email));
  for (const word of wordsOf(text).slice(0, MAX_WORDS_PER_USER_ID)) terms.add('word', word);
}
