import type { DecisionLine, LogLine } from '../../admission/log/log-line.ts';
import type { ImageDecision } from '../../admission/decision.ts';
import { printable } from '../printable.ts';

/** A line of the log for people: one line for an event, and one for each image of a decision. */
export function lineText(line: LogLine): string {
  switch (line.kind) {
    case 'decision':
      return line.images.map((image) => imageText(line, image)).join('');
    case 'event':
      return `${time(line)}  ${'event'.padEnd(WORD)} ${printable(`${line.event} ${fieldsText(line.fields)}`).trimEnd()}\n`;
    case 'checkpoint':
      return `${time(line)}  ${'signed'.padEnd(WORD)} ${line.seq - 1} lines, with key ${printable(line.key.slice(0, 16))}\n`;
    case 'head':
      return `${time(line)}  ${'file'.padEnd(WORD)} begins with line ${line.seq}, on ${printable(line.origin)}\n`;
  }
}

/** Columns of the longest verdict, `undetermined`. */
const WORD = 12;

function imageText(line: DecisionLine, image: ImageDecision): string {
  const rule = image.rule === undefined ? 'no rule' : `rule ${image.rule}`;
  const caller = line.caller.uid === undefined ? '' : `  uid ${line.caller.uid}`;
  const facts = `${image.path}  ${rule}${caller}${codesOf(image)}${signersOf(image)}`;
  return `${time(line)}  ${verdictOf(image).padEnd(WORD)} ${printable(facts)}\n`;
}

/** What was done, when it is not what the policy says. */
function verdictOf({ verdict, effective, waived }: ImageDecision): string {
  if (waived === true) return 'admit*waived';
  if (verdict === effective) return verdict;
  return verdict === 'undetermined' && effective === 'refuse' ? verdict : `${effective}!${verdict}`;
}

function codesOf({ reasons }: ImageDecision): string {
  const codes = new Set(reasons.map(({ code }) => code));
  return codes.size === 0 ? '' : `  ${[...codes].join(',')}`;
}

function signersOf({ signers }: ImageDecision): string {
  return signers
    .filter(({ counts }, _, all) => counts || !all.some((one) => one.counts))
    .map(({ name, fingerprint, source }) => `  [${source}] ${name ?? fingerprint}`)
    .join('');
}

function fieldsText(fields: Readonly<Record<string, unknown>>): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}

/** In whole seconds, UTC. */
function time({ time: text }: LogLine): string {
  return printable(text.replace(/\.\d+Z$/, 'Z'));
}
