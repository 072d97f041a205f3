/* What was admitted because of a key or of an image, for people. */
import { plural } from '../plural.ts';
import { printable } from '../printable.ts';
import type { AnswerFields } from './answer-fields.ts';

/** What the text says of a use that goes on now. */
const KINDS: Readonly<Record<'loop' | 'process', true>> = { loop: true, process: true };

/** One paragraph an image: where it was, who ran it, and what runs it now. Throws `NO_DAEMON`. */
export function affectedText(fields: AnswerFields): string {
  const images = fields.list('images', (image) => ({ text: imageText(image), running: runningOf(image) }));
  const running = images.reduce((sum, one) => sum + one.running, 0);
  const lines = [
    images.length === 0
      ? 'Nothing was admitted here because of it.'
      : `${plural(images.length, 'image')} admitted, ${plural(running, 'use')} running now.`,
    ...images.map(({ text }) => `\n${text}`),
    ...(fields.flag('more') ? ['\nThere are more images than are told at once.'] : []),
    ...(fields.flag('running_complete')
      ? []
      : ['\nMore may be running: some processes may not be looked into by the daemon.']),
  ];
  return `${lines.join('\n')}\n`;
}

function runningOf(image: AnswerFields): number {
  return image.list('running', (use) => use).length;
}

function imageText(image: AnswerFields): string {
  const rule = image.optional('rule', (name) => image.text(name));
  const times = image.number('times');
  const uids = image.numbers('uids');
  const signers = image.texts('signers');
  const [first, last] = [image.text('first_admitted'), image.text('last_admitted')].map(printable);
  const lines = [
    `SHA-256 ${printable(image.text('sha256'))}`,
    `admitted ${plural(times, 'time')}${rule === undefined ? '' : ` by rule ${printable(rule)}`}, ${
      times === 1 ? `at ${last}` : `from ${first} to ${last}`
    }`,
    ...(uids.length === 0 ? [] : [`for ${uids.length === 1 ? 'user' : 'users'} ${uids.join(', ')}`]),
    ...signers.map((fingerprint) => `signed by ${printable(fingerprint)}`),
    ...image.list('paths', (path) => `at ${printable(path.text('path'))}`),
    ...image.list('running', (use) => `running: ${useText(use)}`),
  ];
  return lines.map((line, index) => `${index === 0 ? '' : '  '}${line}`).join('\n');
}

function useText(use: AnswerFields): string {
  const path = printable(use.text('path'));
  if (use.oneOf('kind', KINDS) === 'loop') return `${path}, mounted by /dev/${printable(use.text('device'))}`;
  const who = `${printable(use.text('command'))}, user ${use.number('uid')}`;
  return `${path}, open in process ${use.number('pid')} (${who})`;
}
