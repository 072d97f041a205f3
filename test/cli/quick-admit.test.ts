import fc from 'fast-check';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { isPlainYes, plainQuestion } from '../../src/cli/quick-admit.ts';
import { decisionAnswer, imageAnswer, refusedImage, withFakeDaemon } from './daemon/fake-daemon.ts';
import type { Answered } from './daemon/fake-daemon.ts';
import { vouch } from './vouch.ts';

const octets = (answer: unknown): Buffer => Buffer.from(JSON.stringify(answer));
const yes = (changes: object = {}, image: object = {}): Buffer =>
  octets(
    decisionAnswer([imageAnswer('/srv/a.sif')], { images: [imageAnswer('/srv/a.sif', image)], ...changes }),
  );

test('an image and the plainest flags are understood without yargs', () => {
  expect(plainQuestion(['-q', 'a.sif', '--socket', 's'])).toEqual({
    image: 'a.sif',
    socket: 's',
    quiet: true,
    json: false,
  });
  expect(plainQuestion(['--json', 'constructor'])).toMatchObject({ image: 'constructor', json: true });
});

test.each([
  [[]],
  [['a.sif', 'b.sif']],
  [['--quiet']],
  [['-q', '-q', 'a.sif']],
  [['-q', '--quiet', 'a.sif']],
  [['--socket']],
  [['--socket', '-q', 'a.sif']],
  [['--socket=s', 'a.sif']],
  [['--strict', 'a.sif']],
  [['--', 'a.sif']],
  [['-']],
  [['']],
])('%j is left to yargs', (words) => {
  expect(plainQuestion(words)).toBeUndefined();
});

test('no words make it fail', () => {
  const word = fc.oneof(fc.string(), fc.constantFrom('--json', '-q', '--quiet', '--socket', 'x'));
  fc.assert(fc.property(fc.array(word), (words) => void plainQuestion(words)));
});

describe('a plain yes', () => {
  it('is one in every place', () => {
    expect(isPlainYes(yes())).toBe(true);
  });

  it.each([
    ['a refusal', octets(decisionAnswer([refusedImage('/srv/a.sif', 'NO_RULE')]))],
    ['a whole that refuses', yes({ effective: 'refuse' })],
    ['another verdict', yes({ verdict: 'undetermined' })],
    ['audit mode', yes({ mode: 'audit' })],
    ['another version', yes({ api: 2 })],
    ['a waiver', yes({}, { waived: true })],
    ['an image that is refused', yes({}, { effective: 'refuse' })],
    ['an image without a verdict', yes({}, { verdict: undefined })],
    ['a warning', yes({}, { reasons: [{ code: 'NO_RULE', action: 'warn', text: 'x' }] })],
    ['two images', octets(decisionAnswer([imageAnswer('/a'), imageAnswer('/b')]))],
    ['no images', octets({ ...decisionAnswer([imageAnswer('/a')]), images: [] })],
    ['null', Buffer.from('null')],
    ['no JSON', Buffer.from('{')],
  ])('is not %s', (_, body) => {
    expect(isPlainYes(body)).toBe(false);
  });

  it('is nothing that anybody makes up', () => {
    fc.assert(fc.property(fc.json(), (text) => !isPlainYes(Buffer.from(text))));
  });
});

async function admit(answered: Answered): Promise<{ quiet: unknown; plain: unknown; asked: number }> {
  return withFakeDaemon(
    () => answered,
    async ({ socketPath, asked }) => {
      const image = join(await mkdtemp(join(tmpdir(), 'vouch-admit-')), 'a.sif');
      await writeFile(image, 'x');
      const told = await vouch(['admit', '-q', '--socket', socketPath, image]);
      // yargs is needed for a word that is global to all commands.
      const plain = await vouch(['admit', '-q', '--no-debug', '--socket', socketPath, image]);
      const ended = ({ code, stdout, stderr }: typeof told): object => ({
        code,
        stdout: String(stdout),
        stderr,
      });
      return { quiet: ended(told), plain: ended(plain), asked: asked.length };
    },
  );
}

test.each([
  ['a yes', { body: decisionAnswer([imageAnswer('/srv/a.sif')]) }],
  [
    'a yes in chunks',
    { headers: { 'Transfer-Encoding': 'chunked' }, body: decisionAnswer([imageAnswer('/a')]) },
  ],
  ['a no', { body: decisionAnswer([refusedImage('/srv/a.sif', 'NO_RULE')]) }],
  ['a fault', { status: 429, body: { error: { code: 'QUEUE_FULL', message: 'too many' } } }],
  ['no answer of a daemon', { body: 'hello' }],
])('%s is told the same either way, and asked for once', async (_, answered) => {
  const { quiet, plain, asked } = await admit(answered);
  expect(quiet).toEqual(plain);
  expect(asked).toBe(2);
});
