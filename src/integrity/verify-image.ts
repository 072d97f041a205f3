/*
 * Verifies the signatures of an image in the order signature, header, descriptors, contents (sif v2
 * pkg/integrity/verify.go): only octets of a size that somebody known has signed are ever read.
 */
import type { Descriptor } from '../sif/descriptor.ts';
import type { SifImage } from '../sif/image.ts';
import { MAX_SIGNATURE_OCTETS } from '../sif/limits.ts';
import { authenticate } from './authenticate.ts';
import type { Trust } from './authenticate.ts';
import { digestContents } from './content-digests.ts';
import type { ContentDigests, ReadingOptions } from './content-digests.ts';
import { checkCoverage, DescriptorDigests } from './coverage.ts';
import type { ExpectedContent } from './coverage.ts';
import { legacyObjectSignatures } from './legacy-objects.ts';
import { MAX_SIGNATURES_PER_GROUP } from './limits.ts';
import type { ImageReport, SignatureReport, TaskReport } from './report.ts';
import { readSignatureContent } from './signature-content.ts';
import type { SignedStatement, Statement } from './statement.ts';
import { faultsOf, groupsOf, selectTasks, strayObjects } from './task.ts';
import type { Selection, Task } from './task.ts';
import { trailingOctets } from './trailing-octets.ts';

export interface VerifyOptions extends Trust, ReadingOptions {
  /** Only these groups and objects. Says nothing of the rest of the image. */
  readonly selection?: Selection;
}

/**
 * Verifies every signature of what is selected, each on its own. Throws `NO_SUCH_GROUP`, `NO_SUCH_OBJECT`
 * and `TOO_MUCH_DATA`, and what the key source and reading the file throw; bad signatures are in the report.
 */
export async function verifyImage(image: SifImage, options: VerifyOptions): Promise<ImageReport> {
  const { selection = {} } = options;
  const groups = groupsOf(image);
  const faults = faultsOf(image);
  const tasks = groups.length === 0 ? [] : selectTasks(groups, selection);
  const statements = new Map<number, Statement | 'legacy'>();
  for (const descriptor of signaturesOf(tasks)) {
    statements.set(descriptor.id, await readStatementOf(image, descriptor, options));
  }
  const examined = examine(image, tasks, statements);
  const wanted = examined.flatMap(({ findings }) =>
    findings.flatMap((finding) =>
      'expected' in finding ? finding.expected.map(({ object, digest: { name } }) => ({ object, name })) : [],
    ),
  );
  const digests = await digestContents(image, wanted, options);
  const reports = examined.map(({ task, findings }) => reportTask(task, findings, digests));
  return {
    verified: faults.length === 0 && reports.every(({ verdict }) => verdict === 'verified'),
    complete: (selection.groups ?? []).length === 0 && (selection.objects ?? []).length === 0,
    faults,
    tasks: reports,
    strayObjects: strayObjects(image, groups),
    legacySignatures: [
      ...[...statements].filter(([, one]) => one === 'legacy').map(([id]) => id),
      ...(await legacyObjectSignatures(image)),
    ].toSorted((a, b) => a - b),
    trailingOctets: trailingOctets(image),
    ...(digests.file !== undefined && { fileDigest: digests.file }),
  };
}

/** Signature objects of all tasks, each once, no more of a group than the limit. */
function signaturesOf(tasks: readonly Task[]): Descriptor[] {
  return [...new Set(tasks.flatMap(({ group }) => group.signatures.slice(0, MAX_SIGNATURES_PER_GROUP)))];
}

async function readStatementOf(
  image: SifImage,
  descriptor: Descriptor,
  trust: Trust,
): Promise<Statement | 'legacy'> {
  const content = readSignatureContent(await image.read(descriptor, MAX_SIGNATURE_OCTETS));
  return content.kind === 'legacy' ? 'legacy' : authenticate(descriptor, content, trust);
}

/** What a signature comes to, or what is left to be read before that is known. */
type Finding = SignatureReport | Pending;

interface Pending {
  readonly statement: SignedStatement;
  readonly expected: readonly ExpectedContent[];
}

interface Examined {
  readonly task: Task;
  readonly findings: readonly Finding[];
}

function examine(
  image: SifImage,
  tasks: readonly Task[],
  statements: ReadonlyMap<number, Statement | 'legacy'>,
): Examined[] {
  const descriptors = new DescriptorDigests(image);
  return tasks.map((task) => ({
    task,
    findings: task.group.signatures.flatMap(({ id }) => {
      const statement = statements.get(id);
      if (statement === undefined) return [unread(id)];
      return statement === 'legacy' ? [] : [findingOf(task, statement, image, descriptors)];
    }),
  }));
}

function unread(signatureId: number): SignatureReport {
  const detail = `the group has more than ${MAX_SIGNATURES_PER_GROUP} signatures; this one was not read`;
  return { outcome: 'invalid', signatureId, format: 'unknown', reason: 'TOO_MANY', detail, objects: [] };
}

function findingOf(
  task: Task,
  statement: Statement,
  image: SifImage,
  descriptors: DescriptorDigests,
): Finding {
  switch (statement.state) {
    case 'unknown': {
      const { about, claims, keyIds } = statement;
      return { ...about, outcome: 'unknown-signer', claims, keyIds };
    }
    case 'refused': {
      const { about, reason, detail, attributedTo } = statement;
      return {
        ...about,
        outcome: 'invalid',
        reason,
        detail,
        objects: [],
        ...(attributedTo && { attributedTo }),
      };
    }
    case 'signed': {
      const { about, metadata, signer } = statement;
      const covered = checkCoverage(task, metadata, image, descriptors);
      if (!('reason' in covered)) return { statement, expected: covered };
      return { ...about, outcome: 'invalid', ...covered, objects: [], attributedTo: signer };
    }
  }
}

function reportTask(
  { group, only, objects }: Task,
  findings: readonly Finding[],
  digests: ContentDigests,
): TaskReport {
  const signatures = findings.map((one) => ('expected' in one ? reportContents(one, digests) : one));
  const valid = signatures.every(({ outcome }) => outcome === 'valid');
  return {
    groupId: group.id,
    ...(only && { objectId: only.id }),
    objects: objects.map(({ id }) => id),
    verdict: signatures.length === 0 ? 'unsigned' : valid ? 'verified' : 'refused',
    signatures,
  };
}

function reportContents({ statement, expected }: Pending, digests: ContentDigests): SignatureReport {
  const { about, signer, created } = statement;
  const ids = expected.map(({ object }) => object.id);
  const changed = expected.findIndex(
    ({ object, digest: { name, hex } }) => digests.hex({ object, name }) !== hex,
  );
  const objectId = ids[changed];
  if (objectId === undefined) {
    return { ...about, outcome: 'valid', signer, objects: ids, ...(created !== undefined && { created }) };
  }
  return {
    ...about,
    outcome: 'invalid',
    reason: 'CONTENT_CHANGED',
    detail: `the content of object ${objectId} is not the signed one`,
    objectId,
    objects: ids.slice(0, changed),
    attributedTo: signer,
  };
}
