import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keyringPlaces } from '../../src/keyring/location.ts';
import { tempFolder } from './rings.ts';

type Environment = Readonly<Record<string, string>>;

async function places(
  folders: readonly string[],
  environment: Environment = {},
  named?: string,
): Promise<readonly string[]> {
  const home = await tempFolder();
  for (const folder of folders) await mkdir(join(home, folder), { recursive: true });
  return keyringPlaces({ named, environment, home }).folders.map((folder) => folder.replace(home, '~'));
}

const SINGULARITY = '.singularity/sypgp';
const APPTAINER = '.apptainer/keys';

describe('the keyrings of a user', () => {
  it("are Singularity's when there are none yet", async () => {
    expect(await places([])).toEqual(['~/.singularity/sypgp']);
  });

  it("are Apptainer's when only those are there", async () => {
    expect(await places([APPTAINER])).toEqual(['~/.apptainer/keys']);
  });

  it("are both when both are there, and Singularity's are written", async () => {
    expect(await places([APPTAINER, SINGULARITY])).toEqual(['~/.singularity/sypgp', '~/.apptainer/keys']);
  });

  it('are where the variables say, which are written although nothing is there yet', async () => {
    expect(await places([], { SINGULARITY_SYPGPDIR: '/s' })).toEqual(['/s']);
    expect(await places([SINGULARITY], { APPTAINER_KEYSDIR: '/a' })).toEqual(['/a', '~/.singularity/sypgp']);
    expect(await places([APPTAINER], { SINGULARITY_SYPGPDIR: '/s' })).toEqual(['/s']);
  });

  it('are where they would be without a variable that is empty', async () => {
    expect(await places([], { SINGULARITY_SYPGPDIR: '', APPTAINER_KEYSDIR: '' })).toEqual([
      '~/.singularity/sypgp',
    ]);
  });

  it('are those of the flag alone when there is one', async () => {
    expect(await places([SINGULARITY, APPTAINER], { APPTAINER_KEYSDIR: '/a' }, '/k')).toEqual(['/k']);
  });
});
