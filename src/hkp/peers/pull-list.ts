/* Asks any key server for the keys that the operator lists: all of them in each run. */
import type { Certificate } from '../../openpgp/certificate.ts';
import { foldText } from '../fold.ts';
import { termsOfCertificate } from '../terms.ts';
import { importCertificate } from './import-certificate.ts';
import type { Wanted } from './import-certificate.ts';
import type { PeerSession } from './peer-session.ts';

/** Throws `HkpClientError` when the server cannot be asked. */
export async function pullList(session: PeerSession): Promise<void> {
  const done = new Set<string>();
  for (const fingerprint of session.peer.fingerprints) {
    await take(session, fingerprint, hasKey(fingerprint), done);
  }
  for (const address of session.peer.searches) {
    if (session.stopped) return;
    // What the server says belongs to the address; whether it does is checked with each certificate.
    for (const fingerprint of await session.client.search(address)) {
      await take(session, fingerprint, hasAddress(address), done);
    }
  }
}

async function take(
  session: PeerSession,
  fingerprint: string,
  wanted: Wanted,
  done: Set<string>,
): Promise<void> {
  if (session.stopped || done.has(fingerprint)) return;
  done.add(fingerprint);
  const imported = await importCertificate(session, fingerprint, wanted);
  if (!imported.settled) session.refuse('here', fingerprint, imported.reason);
}

const hasKey =
  (fingerprint: string): Wanted =>
  ({ primary, subkeys }: Certificate) =>
    [primary, ...subkeys].some(({ key }) => key.fingerprint === fingerprint);

const hasAddress = (address: string): Wanted => {
  const folded = foldText(address);
  return (certificate) =>
    termsOfCertificate(certificate).some(({ kind, value }) => kind === 'email' && value === folded);
};
