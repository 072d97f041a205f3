import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plainArguments } from '../../src/cli/quick-verify.ts';
import { ImageHost, Signer } from './verify-host.ts';

test('plain words are understood without yargs', () => {
  const words = ['-g', '1', '--json', 'a.sif', '--url=http://a', '-u', 'http://b', '--keysdir', 'k', '-l'];
  expect(plainArguments(words)).toMatchObject({
    image: 'a.sif',
    'group-id': ['1'],
    json: true,
    url: ['http://a', 'http://b'],
    keysdir: 'k',
    local: true,
  });
  expect(plainArguments(['--json=singularity', 'a.sif'])).toMatchObject({ 'json-singularity': true });
});

test.each([
  [[]],
  [['--help']],
  [['a.sif', 'b.sif']],
  [['--lokal', 'a.sif']],
  [['--key', 'a', '--key', 'b', 'a.sif']],
  [['--key']],
  [['--key', '--local', 'a.sif']],
  [['--local=no', 'a.sif']],
  [['--json=xml', 'a.sif']],
  [['--no-local', 'a.sif']],
  [['--', 'a.sif']],
  [['-']],
  [['']],
])('%j is left to yargs', (words) => {
  expect(plainArguments(words)).toBeUndefined();
});

test('no words make it fail', () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom('--json', '-g', '--url', '-u1', '--', '-lj', '--key=', 'x'),
  );
  fc.assert(fc.property(fc.array(word), (words) => void plainArguments(words)));
});

test('either way says the same', async () => {
  const [host, dana] = [await ImageHost.create(), new Signer('Dana <dana@example.org>')];
  await host.holds(dana.certificate());
  const image = await host.has('a.sif', dana.image());
  // yargs is needed for a word that is global to all commands.
  expect(await host.verify('--no-debug', '-g', '1', image)).toEqual(await host.verify('-g', '1', image));
});
