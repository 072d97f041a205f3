/* What the owner of a token is given: `vouch_<id>_<secret>`, in lower-case hexadecimal. */
import { createHash } from 'node:crypto';

const ID_OCTETS = 8;
const SECRET_OCTETS = 32;

const FORM = /^vouch_([0-9a-f]{16})_([0-9a-f]{64})$/;
const SOMEWHERE = /vouch_[0-9a-f]{16}_[0-9a-f]{64}/i;

/** The two halves of a token: the ID may be seen by anyone, the secret is with its owner only. */
export interface TokenParts {
  readonly id: string;
  readonly secret: string;
}

/** Undefined when the text does not have the form of a token. */
export function parseToken(text: string): TokenParts | undefined {
  const [, id, secret] = FORM.exec(text) ?? [];
  return id === undefined || secret === undefined ? undefined : { id, secret };
}

export function isTokenId(text: string): boolean {
  return /^[0-9a-f]{16}$/.test(text);
}

/** `random` gives that many octets nobody can foresee. */
export function newToken(random: (octets: number) => Uint8Array): TokenParts {
  const digits = (octets: number): string => Buffer.from(random(octets)).toString('hex');
  return { id: digits(ID_OCTETS), secret: digits(SECRET_OCTETS) };
}

export function tokenText({ id, secret }: TokenParts): string {
  return `vouch_${id}_${secret}`;
}

/** SHA-256 of the secret, in hexadecimal: what is kept of it. */
export function secretHash(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Whether a token stands anywhere in the text. */
export function holdsToken(text: string): boolean {
  return SOMEWHERE.test(text);
}
