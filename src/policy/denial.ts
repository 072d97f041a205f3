/* What may not run whatever else is true of it. */
import type { Note } from './check-result.ts';
import type { ImageContent, SignatureFact } from './facts.ts';
import type { Denial, Policy, Rule } from './policy.ts';
import { quoted, timeText } from './wording.ts';

/**
 * One note for each denial that the image falls under. A denied fingerprint need not be proven: whoever names a
 * denied key is refused, so that a broken signature does not hide it.
 */
export function denialsOf(policy: Policy, rule: Rule | undefined, content: ImageContent): readonly Note[] {
  const notes: Note[] = [];
  for (const denial of policy.denials) {
    if (denial.sha256 === content.sha256) notes.push(digestNote(denial));
    if (denial.fingerprint === undefined) continue;
    const found = namedBy(content, denial.fingerprint, denial.since);
    if (found !== undefined) notes.push(fingerprintNote(denial.fingerprint, found, denial));
  }
  for (const fingerprint of rule?.deniedFingerprints ?? []) {
    const found = namedBy(content, fingerprint);
    if (found !== undefined) notes.push(fingerprintNote(fingerprint, found, {}, rule));
  }
  return notes;
}

/** The first signature that names the key, by claim or by proof, and was made since then as it says. */
function namedBy(
  { signatures }: ImageContent,
  fingerprint: string,
  since = -Infinity,
): SignatureFact | undefined {
  return signatures.find(
    ({ claimed, maker, created = Infinity }) =>
      created >= since &&
      (claimed.includes(fingerprint) ||
        maker?.fingerprint === fingerprint ||
        maker?.signingKey === fingerprint),
  );
}

function digestNote({ reason }: Denial): Note {
  return {
    code: 'DENIED_DIGEST',
    text: `these bytes are denied${because(reason)}`,
    fix: 'use another image, or have the denial taken out of the policy',
    source: 'policy',
  };
}

function fingerprintNote(
  fingerprint: string,
  { id }: SignatureFact,
  { since, reason }: Pick<Denial, 'since' | 'reason'>,
  rule?: Rule,
): Note {
  const where = rule === undefined ? '' : ` in rule ${rule.name}`;
  const when = since === undefined ? '' : ` for signatures since ${timeText(since)}`;
  return {
    code: 'DENIED_FINGERPRINT',
    text: `signature ${id} names a key that is denied${where}${when}${because(reason)}`,
    fix: 'have the image made and signed anew without this key',
    fingerprint,
    source: 'policy',
  };
}

function because(reason: string | undefined): string {
  return reason === undefined ? '' : `: ${quoted(reason)}`;
}
