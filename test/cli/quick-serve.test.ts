import { describe, expect, it } from 'vitest';
import { plainArguments } from '../../src/cli/quick-serve.ts';

describe('serve with plain words', () => {
  it.each([
    [[], {}],
    [['--listen', 'localhost:0'], { listen: 'localhost:0' }],
    [
      ['--data', 'a', '--config', 'b', '--listen', '[::1]:80'],
      { data: 'a', config: 'b', listen: '[::1]:80' },
    ],
  ])('%j is understood without yargs', (words, args) => {
    expect(plainArguments(words)).toEqual({ listen: undefined, data: undefined, config: undefined, ...args });
  });

  it.each([
    [['--help']],
    [['--listen']],
    [['--listen', '']],
    [['--listen=localhost:0']],
    [['--data', '--listen']],
    [['--data', 'a', '--data', 'b']],
    [['--debug']],
    [['extra', 'words']],
  ])('%j is left to yargs', (words) => {
    expect(plainArguments(words)).toBeUndefined();
  });
});
