import { expect, test } from 'vitest';
import { reportAsText } from '../../../src/cli/verify/text-report.ts';
import { MemorySource } from '../../../src/bytes/memory-source.ts';
import { openSif } from '../../../src/sif/image.ts';
import type { KeyLabel } from '../../../src/integrity/key-source.ts';
import { certificateOf, keySource, verify } from '../../integrity/verified.ts';
import { NOW } from '../../openpgp/checked.ts';
import { Signer } from '../verify-host.ts';

async function firstLine(label: KeyLabel, colour: boolean): Promise<string> {
  const signer = new Signer('Dana <dana@example.org>');
  const image = signer.image();
  const certificate = await certificateOf(signer.key);
  const report = await verify(image, { keys: keySource({ certificate, label }) });
  const { descriptors } = await openSif(new MemorySource(image));
  return reportAsText(report, descriptors, { colour, at: NOW }).split('\n')[0] ?? '';
}

test('3.3 without colour a label takes 18 columns and a space', async () => {
  expect(await firstLine('LOCAL', false)).toMatch(/^\[LOCAL\] {12}Signing entity: /);
  expect(await firstLine('GLOBAL', false)).toMatch(/^\[GLOBAL\] {11}Signing entity: /);
});

test('3.3 with colour its codes count: [LOCAL] and three spaces, [REMOTE] and two', async () => {
  const shown = async (label: KeyLabel): Promise<string> =>
    (await firstLine(label, true)).replaceAll('\u001b', 'ESC');
  expect(await shown('LOCAL')).toMatch(/^ESC\[32m\[LOCAL\]ESC\[0m {3}Signing entity: /);
  expect(await shown('REMOTE')).toMatch(/^ESC\[33m\[REMOTE\]ESC\[0m {2}Signing entity: /);
  expect(await shown('GLOBAL')).toMatch(/^ESC\[36m\[GLOBAL\]ESC\[0m {2}Signing entity: /);
});
