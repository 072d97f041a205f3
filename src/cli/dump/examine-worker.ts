/* The program of a thread that examines certificates, so that the one that stores them need not. */
import { parentPort, workerData } from 'node:worker_threads';

import { examineGroup, examineTrusted } from '../../hkp/examine.ts';
import type { ExaminedCertificate } from '../../hkp/examine.ts';
import type { RefusedCertificate } from '../../hkp/submission.ts';
import type { CheckOptions } from '../../openpgp/check.ts';
import { OpenPgpError } from '../../openpgp/error.ts';
import { readKeyring } from '../../openpgp/keyring.ts';
import { MAX_VERIFICATIONS_PER_UPLOAD } from '../../openpgp/limits.ts';
import { VerificationBudget } from '../../openpgp/verification-budget.ts';
import { verifyForStoreHere } from '../../openpgp/verify-for-store.ts';
import type { ExamineAnswer, ExamineAnswers, ExamineOrder, ExamineSettings } from './examine-order.ts';
import { writeAnswers } from './written-answers.ts';

/** Thrown where only the store could help. */
class StoreNeeded extends Error {}

// Those who start this program give it what its type says.
const { limits, thirdParty, trusted }: ExamineSettings = workerData;

const options: CheckOptions = {
  limits,
  thirdParty,
  verify: verifyForStoreHere,
  findKeys: () => Promise.reject(new StoreNeeded()),
};

async function examine(piece: Uint8Array): Promise<ExamineAnswer> {
  try {
    const { certificates, revocations } = readKeyring(piece);
    const budget = new VerificationBudget(MAX_VERIFICATIONS_PER_UPLOAD);
    const examined: (ExaminedCertificate | RefusedCertificate)[] = [];
    for (const group of certificates) {
      const one = await (trusted
        ? examineTrusted(group, options)
        : examineGroup(group, { ...options, budget }));
      examined.push(one);
    }
    return {
      kind: 'examined',
      certificates: examined,
      revocations: revocations.map(({ packet }) => packet.raw),
    };
  } catch (error) {
    if (error instanceof StoreNeeded) return { kind: 'needs the store' };
    if (error instanceof OpenPgpError) return { kind: 'refused', code: error.code, reason: error.message };
    throw error;
  }
}

async function examineAll({ octets, ends }: ExamineOrder): Promise<ExamineAnswers> {
  try {
    const answers: ExamineAnswer[] = [];
    for (const [index, end] of ends.entries()) {
      answers.push(await examine(octets.subarray(ends[index - 1] ?? 0, end)));
    }
    return writeAnswers(answers);
  } catch (error) {
    return { failed: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

async function answer(order: ExamineOrder): Promise<void> {
  const answers = await examineAll(order);
  // A thread has no origin.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  parentPort?.postMessage(answers, 'octets' in answers ? [answers.octets.buffer] : []);
}

/** Orders are answered in their order: one that has to wait must not be overtaken. */
let answered: Promise<void> = Promise.resolve();
parentPort?.on('message', (order: ExamineOrder) => {
  answered = answered.then(() => answer(order));
});
