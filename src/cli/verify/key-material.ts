import { certificateVerifier } from '../../integrity/certificate-verifier.ts';
import { publicKeyVerifier } from '../../integrity/envelope-verifier.ts';
import type { EnvelopeVerifier } from '../../integrity/envelope-verifier.ts';
import { CliError } from '../error.ts';
import type { VerifyArguments } from './options.ts';
import { readPem } from './pem-file.ts';

export interface KeyMaterial {
  /** Of the command line. Then keyrings are not looked into: whoever names a key wants to hear of no other. */
  readonly verifier: EnvelopeVerifier | undefined;
  /** In the words of Singularity. */
  readonly description: string;
}

/** As Singularity: a certificate before a key before keyrings. Throws `USAGE`, `BAD_PEM`, `UNSUPPORTED_KEY`. */
export async function keyMaterial(args: VerifyArguments, at: number): Promise<KeyMaterial> {
  const { key, certificate } = args;
  if (certificate !== undefined) {
    return {
      verifier: await readCertificate(args, certificate, at),
      description: `key material from certificate '${certificate}'`,
    };
  }
  if (args['certificate-roots'] !== undefined || args['certificate-intermediates'] !== undefined) {
    throw new CliError('USAGE', 'certificates of issuers are given, but not the --certificate itself');
  }
  if (key === undefined) return { verifier: undefined, description: 'PGP key material' };
  return {
    verifier: publicKeyVerifier(await readPem(key)),
    description: `key material from '${key}'`,
  };
}

async function readCertificate(
  args: VerifyArguments,
  certificate: string,
  at: number,
): Promise<EnvelopeVerifier> {
  const roots = args['certificate-roots'];
  const intermediates = args['certificate-intermediates'];
  if (roots === undefined) {
    throw new CliError(
      'USAGE',
      '--certificate needs --certificate-roots: those of this system are for web servers, not for images',
    );
  }
  return certificateVerifier({
    certificate: await readPem(certificate),
    roots: await readPem(roots),
    ...(intermediates !== undefined && { intermediates: await readPem(intermediates) }),
    at,
  });
}
