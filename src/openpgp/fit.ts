import type { Certificate } from './certificate.ts';
import { enforceSize } from './check.ts';
import { OpenPgpError } from './error.ts';
import type { LeftOut } from './left-out.ts';
import type { CheckLimits } from './limits.ts';
import { mergeCertificates, onlyRevocations, withoutThirdParty } from './merge.ts';

export interface Fitted {
  readonly certificate: Certificate;
  readonly leftOut: readonly LeftOut[];
}

/**
 * Merges within the limits. When there is no room for everything, what others certified goes first; if that
 * is not enough only revocations are taken: those are never refused for want of space.
 */
export function mergeWithin(held: Certificate, offered: Certificate, limits: CheckLimits): Fitted {
  const whole = mergeCertificates(held, offered);
  if (fits(whole, limits)) return { certificate: whole, leftOut: [] };
  const own = withoutThirdParty(whole);
  if (fits(own, limits)) {
    return { certificate: own, leftOut: [noRoom('third-party certification')] };
  }
  return {
    certificate: mergeCertificates(held, onlyRevocations(held, offered)),
    leftOut: [noRoom('part that is not a revocation')],
  };
}

function noRoom(what: string): LeftOut {
  return { what, why: 'no room left within the limits of one certificate', count: 1 };
}

function fits(certificate: Certificate, limits: CheckLimits): boolean {
  try {
    enforceSize(certificate, limits);
    return true;
  } catch (error) {
    if (error instanceof OpenPgpError && error.code === 'CERTIFICATE_TOO_LARGE') return false;
    throw error;
  }
}
