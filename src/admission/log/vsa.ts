/*
 * A decision as SLSA Verification Summary Attestations (slsa.dev/spec/v1.0/verification_summary), one for each image,
 * as in-toto statements. They are not signed: whoever hands them on signs them.
 */
import type { ImageDecision } from '../decision.ts';
import type { DecisionLine } from './log-line.ts';

export interface VsaOptions {
  /** URI of who verified. */
  readonly verifier: string;
  readonly version: string;
}

export interface VsaStatement {
  readonly _type: 'https://in-toto.io/Statement/v1';
  readonly subject: readonly [{ readonly name: string; readonly digest: { readonly sha256: string } }];
  readonly predicateType: 'https://slsa.dev/verification_summary/v1';
  readonly predicate: {
    readonly verifier: { readonly id: string; readonly version: Readonly<Record<string, string>> };
    readonly timeVerified: string;
    readonly resourceUri: string;
    readonly policy: { readonly uri: string; readonly digest: { readonly sha256: string } };
    readonly verificationResult: 'PASSED' | 'FAILED';
    readonly verifiedLevels: readonly string[];
  };
}

/**
 * One statement for each image whose digest is known; none when no policy was loaded. The result is what the policy
 * says, not what was done: an image that only audit mode let run has FAILED.
 */
export function toVsa(line: DecisionLine, { verifier, version }: VsaOptions): VsaStatement[] {
  const { policy, images, time } = line;
  if (policy === undefined) return [];
  return images.flatMap((image) => {
    const { sha256 } = image;
    if (sha256 === undefined) return [];
    const name = fileUri(image);
    return [
      {
        _type: 'https://in-toto.io/Statement/v1',
        subject: [{ name, digest: { sha256 } }],
        predicateType: 'https://slsa.dev/verification_summary/v1',
        predicate: {
          verifier: { id: verifier, version: { vouch: version } },
          timeVerified: time,
          resourceUri: name,
          policy: { uri: `vouch:policy:${policy.serial}`, digest: { sha256: policy.sha256 } },
          verificationResult: image.verdict === 'admit' ? 'PASSED' : 'FAILED',
          verifiedLevels: levelsOf(image),
        },
      },
    ];
  });
}

/** Own names: those of SLSA speak of builds, of which nothing was verified. */
function levelsOf({ verdict, waived, binding, signers }: ImageDecision): string[] {
  if (verdict !== 'admit') return ['FAILED'];
  const signed = signers.some(({ counts }) => counts) ? 'VOUCH_SIGNED' : 'VOUCH_UNSIGNED';
  return [
    waived === true ? 'VOUCH_WAIVED' : signed,
    `VOUCH_BINDING_${binding.toUpperCase().replaceAll('-', '_')}`,
  ];
}

/** RFC 8089; every octet of the path that has a meaning in a URI, or is not ASCII, as percent and two digits. */
export function fileUri({ path, path_b64 }: Pick<ImageDecision, 'path' | 'path_b64'>): string {
  const octets = path_b64 === undefined ? Buffer.from(path) : Buffer.from(path_b64, 'base64');
  const escaped = octets
    .toString('latin1')
    .replace(/[^\w./~-]/g, (octet) => `%${octet.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
  return `file://${escaped}`;
}
