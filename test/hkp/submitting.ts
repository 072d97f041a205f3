import type { Pusher } from '../../src/hkp/push-permission.ts';
import { createSubmit } from '../../src/hkp/submit.ts';
import type { SubmitParts } from '../../src/hkp/submit.ts';
import type { SubmissionReport } from '../../src/hkp/submission.ts';
import type { CertificateRecord, Keystore } from '../../src/keystore/keystore.ts';
import { MemoryKeystore } from '../../src/keystore/memory.ts';
import { parseCertificate } from '../../src/openpgp/certificate.ts';
import { DEFAULT_CHECK_LIMITS } from '../../src/openpgp/limits.ts';
import { framePacket } from '../../src/openpgp/packet.ts';
import type { Packet } from '../../src/openpgp/packet.ts';
import { certificateState } from '../../src/openpgp/state.ts';
import type { CertificateState } from '../../src/openpgp/state.ts';
import { DAY, EPOCH } from '../fixtures/test-key.ts';

export interface Submitting {
  readonly keystore: Keystore;
  readonly push: (bytes: Uint8Array, noModification?: boolean, pusher?: Pusher) => Promise<SubmissionReport>;
  /** What a held certificate says of itself at `now`. */
  readonly state: (fingerprint: string) => Promise<CertificateState>;
}

/** A store (in memory unless told otherwise), and what a push and a look at it need; `now` in seconds. */
export function submitting(options: Partial<SubmitParts> = {}, now: number = EPOCH + 365 * DAY): Submitting {
  const keystore = options.keystore ?? new MemoryKeystore({ now: () => now * 1000 });
  const submit = createSubmit({
    limits: DEFAULT_CHECK_LIMITS,
    thirdParty: 'strip',
    blocked: new Set(),
    ...options,
    keystore,
  });
  return {
    keystore,
    push: (bytes, noModification = false, pusher) =>
      submit(bytes, { noModification, ...(pusher && { pusher }) }),
    state: async (fingerprint) => {
      const record = await keystore.get(fingerprint);
      if (record === undefined) throw new Error(`${fingerprint} is not held`);
      return certificateState(parseCertificate(record.bytes), now);
    },
  };
}

/** The store as one text: certificates, terms and the change log. */
export async function dump(keystore: Keystore): Promise<string> {
  const records: CertificateRecord[] = [];
  for await (const record of keystore.records()) records.push(record);
  const changes: number[] = [];
  for await (const { sequence } of keystore.changes(0)) changes.push(sequence);
  return JSON.stringify([
    records.map(({ fingerprint, bytes, terms }) => [
      fingerprint,
      Buffer.from(bytes).toString('hex'),
      terms.map(({ kind, value }) => `${kind} ${value}`).toSorted(),
    ]),
    changes,
  ]);
}

/** Another signature, which verifies for nobody: its digest prefix is `i` (not its own, whatever that is). */
export function respelt({ body }: Packet, i: number): Packet {
  const octets = Buffer.from(body);
  // After both areas of subpackets; from the end it cannot be found: an MPI may be shorter (RFC 9580 §5.2.3).
  const unhashed = 6 + octets.readUInt16BE(4);
  const at = unhashed + 2 + octets.readUInt16BE(unhashed);
  octets.writeUInt16BE(octets.readUInt16BE(at) === i ? 0xffff : i, at);
  return framePacket(2, octets, { legacy: false, lengthOctets: 1 });
}
