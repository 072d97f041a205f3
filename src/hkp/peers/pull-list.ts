/* Asks any key server for the keys that the operator lists: all of them in each run. */
import type { Certificate } from '../../openpgp/certificate.ts';
import { foldText } from '../fold.ts';
import { termsOfCertificate } from '../terms.ts';
import { importCertificate } from './import-certificate.ts';
import type { Wanted } from './import-certificate.ts';
import type { PeerSession } from './peer-session.ts';

/** What a run has asked for, and what of it is asked for once more at its end. */
interface List {
  readonly done: Set<string>;
  /** Those whose revocation was left out, as its maker's key was not held: it may be further down the list. */
  readonly again: Map<string, Wanted>;
}

/** Throws `HkpClientError` when the server cannot be asked. */
export async function pullList(session: PeerSession): Promise<void> {
  const list: List = { done: new Set(), again: new Map() };
  for (const fingerprint of session.peer.fingerprints) {
    await take(session, fingerprint, hasKey(fingerprint), list);
  }
  for (const address of session.peer.searches) {
    if (session.stopped) return;
    // What the server says belongs to the address; whether it does is checked with each certificate.
    for (const fingerprint of await session.client.search(address)) {
      await take(session, fingerprint, hasAddress(address), list);
    }
  }
  for (const [fingerprint, wanted] of list.again) {
    if (session.stopped) return;
    await importCertificate(session, fingerprint, wanted);
  }
}

async function take(
  session: PeerSession,
  fingerprint: string,
  wanted: Wanted,
  { done, again }: List,
): Promise<void> {
  if (session.stopped || done.has(fingerprint)) return;
  done.add(fingerprint);
  const imported = await importCertificate(session, fingerprint, wanted);
  if (!imported.settled) session.refuse('here', fingerprint, imported.reason);
  else if (imported.awaited.length > 0) again.set(fingerprint, wanted);
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
