import type { CertificateState, SubkeyState, UserIdState } from '../../src/openpgp/state.ts';

/** A plain, valid certificate; tests say only what matters to them. */
export function certificateState(changes: Partial<CertificateState> = {}): CertificateState {
  return {
    version: 4,
    fingerprint: '4ADB097476BF6D4DC0F7F85097031C0F8C0218C7',
    keyId: '97031C0F8C0218C7',
    algorithm: { number: 22, name: 'EdDSA', bits: 256, curve: 'ed25519' },
    created: 1_541_088_317,
    expired: false,
    revoked: false,
    userIds: [userIdState('Bob <bob@example.org>')],
    subkeys: [],
    ...changes,
  };
}

export function userIdState(text: string, changes: Partial<UserIdState> = {}): UserIdState {
  return {
    bytes: new TextEncoder().encode(text),
    text,
    primary: true,
    created: 1_541_088_317,
    expired: false,
    revoked: false,
    ...changes,
  };
}

export function subkeyState(changes: Partial<SubkeyState> = {}): SubkeyState {
  return {
    version: 4,
    fingerprint: 'AB'.repeat(20),
    keyId: 'AB'.repeat(8),
    algorithm: { number: 1, name: 'RSA', bits: 4096 },
    created: 1_541_088_317,
    expired: false,
    revoked: false,
    flags: 2,
    ...changes,
  };
}
