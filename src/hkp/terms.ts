import type { CertificateRecord, Term } from '../keystore/keystore.ts';
import { serializeCertificate } from '../openpgp/certificate.ts';
import type { Certificate } from '../openpgp/certificate.ts';
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
  const bound = certificate.subkeys.filter(({ signatures }) =>
    signatures.some(({ type }) => type === SUBKEY_BINDING),
  );
  const terms: Term[] = [certificate.primary, ...bound].flatMap(({ key: { fingerprint, keyId } }) => [
    { kind: 'fingerprint', value: fingerprint },
    { kind: 'keyid', value: keyId },
    { kind: 'short', value: keyId.slice(-8) },
  ]);
  terms.push({ kind: 'digest', value: sksDigest(certificate) });
  for (const { packet } of certificate.userIds) terms.push(...termsOfUserId(userIdText(packet.body)));
  return [...new Map(terms.map((term) => [`${term.kind} ${term.value}`, term])).values()];
}

function termsOfUserId(text: string): Term[] {
  const email = emailOf(text);
  return [
    { kind: 'userid', value: foldText(text.trim()) },
    ...(email === undefined ? [] : [{ kind: 'email' as const, value: foldText(email) }]),
    ...wordsOf(text)
      .slice(0, MAX_WORDS_PER_USER_ID)
      .map((value) => ({ kind: 'word' as const, value })),
  ];
}
