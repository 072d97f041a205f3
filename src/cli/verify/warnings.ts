import type { ImageReport, Signer } from '../../integrity/report.ts';

/** What a person should know of an image, whether it is verified or not. */
export function warningsOf(report: ImageReport): string[] {
  const { strayObjects, legacySignatures, trailingOctets } = report;
  return [
    ...strayObjects.map((id) => `object ${id} is a signature of nothing in this image; nobody has signed it`),
    ...legacySignatures.map(
      (id) =>
        `signature ${id} is of the kind of Singularity 3.0 to 3.5, which leaves the header and the kind of each ` +
        'partition unsigned; it counts for nothing',
    ),
    ...(trailingOctets > 0 ? [`${trailingOctets} octets behind the last object are signed by nobody`] : []),
    ...weakSigners(report).map((fingerprint) => `the key ${fingerprint} is weak by today's measure`),
    ...(report.complete
      ? []
      : ['only a part of the image was looked at; the rest may be unsigned or changed']),
  ];
}

function weakSigners({ tasks }: ImageReport): string[] {
  const signers = tasks.flatMap(({ signatures }) =>
    signatures.flatMap((one): Signer[] => (one.outcome === 'valid' ? [one.signer] : [])),
  );
  return [...new Set(signers.flatMap((one) => (one.kind === 'pgp' && one.weak ? [one.fingerprint] : [])))];
}

export interface Asked {
  /** Whether --key or --certificate said whose signature is wanted. */
  readonly named: boolean;
  /** Whether there were keystores to ask. */
  readonly keystores: boolean;
  /** Whether all of them answered. */
  readonly complete: boolean;
}

/** What somebody can do about an image that is not verified. */
export function adviceOf(report: ImageReport, asked: Asked): string[] {
  const unknown = report.tasks.flatMap(({ signatures }) =>
    signatures.filter(({ outcome }) => outcome === 'unknown-signer'),
  );
  if (asked.named && unknown.length > 0) return ['the key that was named did not make every signature of it'];
  const pgp = unknown.filter(({ format }) => format === 'pgp');
  const claimed = [...new Set(pgp.flatMap(({ claimedFingerprint }) => claimedFingerprint ?? []))];
  const advice: string[] = [];
  if (!asked.complete && pgp.length > 0) {
    advice.push('a keystore did not answer, so it is not known who signed; try again later');
  } else if (pgp.length > 0) {
    const where = asked.keystores ? '' : '; no keystore was asked (--url, VOUCH_KEYSERVER)';
    advice.push(`nobody whose key is at hand has signed${where}`);
  }
  if (claimed.length > 0) {
    advice.push(
      `the image claims to be signed by ${claimed.join(', ')}: ask whoever gave you the image for their fingerprint, ` +
        'and import that key when it is the same',
    );
  }
  if (unknown.some(({ format }) => format === 'dsse')) {
    advice.push('it has a signature by a key of no keyring: give the key with --key, or its certificate');
  }
  return advice;
}
