import type { CheckReport, Finding } from '../../keystore/finding.ts';
import { plural } from '../plural.ts';
import { printable } from '../printable.ts';

/** Findings that are shown; `--json` has more. */
const SHOWN = 50;

const REPAIR: Record<Finding['repair'], string> = {
  done: 'repaired',
  possible: '--repair puts it right',
  impossible: 'cannot be repaired',
};

/** The outcome of a check for people: what was looked at, each fault, and what to do. */
export function checkReport(place: string, report: CheckReport): string {
  const { certificates, indexEntries, changes, findings, found, repaired } = report;
  const checked = `Checked ${place}: ${plural(certificates, 'certificate')}, ${indexEntries} index entries, ${plural(changes, 'change')}.`;
  if (found === 0) return `${checked}\nNothing is wrong.\n`;
  const lines = [checked, `Found ${plural(found, 'fault')}:`, ...findings.slice(0, SHOWN).map(line)];
  if (found > SHOWN) lines.push(`  … and ${found - SHOWN} more`);
  if (repaired > 0) lines.push(`Repaired ${repaired}.`);
  if (findings.some(({ repair }) => repair === 'possible')) {
    lines.push(
      'Run "vouch keystore check --repair" to put right what can be: it writes index entries, counts',
    );
    lines.push('and log entries anew from the certificates, and deletes no certificate.');
  }
  if (findings.some(({ repair }) => repair === 'impossible')) {
    lines.push(
      'What cannot be repaired comes back from a backup or a dump, or when the key is pushed again.',
    );
  }
  return `${lines.join('\n')}\n`;
}

function line({ kind, fingerprint, term, sequence, detail, repair }: Finding): string {
  const about = [
    fingerprint,
    term && `${term.kind} "${term.value}"`,
    sequence === undefined ? undefined : `change ${sequence}`,
    detail,
  ].filter((part) => part !== undefined);
  return `  ${kind}  ${printable(about.join(', '))}: ${REPAIR[repair]}`;
}
