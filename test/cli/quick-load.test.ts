import { describe, expect, it } from 'vitest';
import { options } from '../../src/cli/keystore/load.ts';
import { plainArguments, quickLoad } from '../../src/cli/quick-load.ts';

describe('keystore load with plain words', () => {
  it('is understood without yargs', () => {
    const words = ['a.pgp', '--data', 'd', '--trusted', 'folder', '--json', '--refused=r', '--restart'];
    expect(plainArguments(words, options)).toEqual({
      files: ['a.pgp', 'folder'],
      data: 'd',
      trusted: true,
      json: true,
      refused: 'r',
      restart: true,
      store: undefined,
      config: undefined,
    });
  });

  it('verifies signatures unless it is told otherwise', () => {
    expect(plainArguments(['a.pgp'], options)).toMatchObject({ files: ['a.pgp'], trusted: undefined });
  });

  it.each([
    [[]],
    [['--trusted']],
    [['-']],
    [['--help', 'a.pgp']],
    [['--no-trusted', 'a.pgp']],
    [['--trusted=false', 'a.pgp']],
    [['--trusted', '--trusted', 'a.pgp']],
    [['--data', 'a', '--data', 'b', 'a.pgp']],
    [['--data', '--trusted', 'a.pgp']],
    [['--json=singularity', 'a.pgp']],
    [['--debug', 'a.pgp']],
    [['--', 'a.pgp']],
  ])('%j is left to yargs', (words) => {
    expect(plainArguments(words, options)).toBeUndefined();
  });

  it.each([[[]], [['status']], [['dump', 'a.pgp']], [['--trusted', 'load', 'a.pgp']]])(
    '%j is another command',
    async (words) => {
      expect(await quickLoad(words)).toBeUndefined();
    },
  );
});
