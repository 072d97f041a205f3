/* Execution control lists of the tools, imported, and put in force in a real daemon. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildImage } from '../../fixtures/sif-image.ts';
import type { ObjectSpec } from '../../fixtures/sif-image.ts';
import { makeCertificate, subpackets, TestKey } from '../../fixtures/test-key.ts';
import { AttackHost } from './attack-host.ts';
import { revoked } from './revoked.ts';
import { by, objects, signedObjects } from './signed-image.ts';

const [alice, bob] = [makeCertificate(), makeCertificate(['Bob <bob@example.org>'])];
const gone = revoked(makeCertificate(['Gone <gone@example.org>']));
const old = makeCertificate(['Old <old@example.org>'], { self: { hashed: [subpackets.keyExpires(86_400)] } });
const stranger = new TestKey();
const KEYRING = [alice, bob, gone, old];

type Flavour = 'singularity' | 'apptainer';

let host: AttackHost;
let folder: string;
beforeAll(async () => {
  host = await AttackHost.start();
  await host.addKeys(...KEYRING);
  folder = join(host.images, 'prod');
  await mkdir(join(folder, 'sub'), { recursive: true });
});
afterAll(() => host.remove());

interface Case {
  readonly what: string;
  /** Groups: mode, folder within the images (empty: none), keys. */
  readonly groups: readonly (readonly [string, string, readonly string[]])[];
  readonly top?: string;
  /** An image that is let through and one that is not: what it has, and where. */
  readonly admits?: readonly [readonly ObjectSpec[], string?];
  readonly refuses?: readonly [readonly ObjectSpec[], string?];
  /** What differs for one of the tools. */
  readonly only?: Flavour;
}

const A = alice.fingerprint;
const B = bob.fingerprint;
const signedBy = (...keys: readonly TestKey[]): readonly ObjectSpec[] => signedObjects(...keys);
const extra = [...objects, by(alice.key), by(stranger)];

const CASES: readonly Case[] = [
  {
    what: 'a whitelist',
    groups: [['whitelist', 'prod', [A]]],
    admits: [signedBy(alice.key)],
    refuses: [signedBy(bob.key)],
  },
  {
    what: 'a whitelist of two: any of them',
    groups: [['whitelist', 'prod', [A, B]]],
    admits: [signedBy(bob.key)],
    refuses: [signedBy(stranger)],
  },
  { what: 'a whitelist without keys', groups: [['whitelist', 'prod', []]], refuses: [signedBy(alice.key)] },
  {
    what: 'a whitestrict: all of them',
    groups: [['whitestrict', 'prod', [A, B]]],
    admits: [signedBy(alice.key, bob.key)],
    refuses: [signedBy(alice.key)],
  },
  {
    what: 'a whitestrict with one key twice',
    groups: [['whitestrict', 'prod', [A, A.toLowerCase()]]],
    admits: [signedBy(alice.key)],
    refuses: [signedBy(bob.key)],
  },
  {
    what: 'a whitestrict without keys: any of the keyring',
    groups: [['whitestrict', 'prod', []]],
    admits: [signedBy(bob.key)],
    refuses: [signedBy(stranger)],
  },
  {
    what: 'a blacklist',
    only: 'singularity',
    groups: [['blacklist', 'prod', [B]]],
    admits: [signedBy(alice.key)],
    refuses: [signedBy(alice.key, bob.key)],
  },
  {
    what: 'a folder within the folder, which a list is not for',
    groups: [['whitelist', 'prod', [A]]],
    admits: [signedBy(alice.key)],
    refuses: [signedBy(alice.key), 'prod/sub'],
  },
  {
    what: 'a group without folder behind an exact one',
    groups: [
      ['whitelist', '', [A]],
      ['whitelist', 'prod', [B]],
    ],
    admits: [signedBy(bob.key)],
    refuses: [signedBy(alice.key)],
  },
  {
    what: 'a group without folder for all others',
    groups: [
      ['whitelist', 'prod', [B]],
      ['whitelist', '', [A]],
    ],
    admits: [signedBy(alice.key), 'prod/sub'],
    refuses: [signedBy(bob.key), 'prod/sub'],
  },
  { what: 'no group for the folder', groups: [['whitelist', 'other', [A]]], refuses: [signedBy(alice.key)] },
  {
    what: 'an image that nobody signed',
    groups: [['whitelist', 'prod', [A]]],
    admits: [signedBy(alice.key)],
    refuses: [objects],
  },
  {
    what: 'a key that is revoked',
    groups: [['whitelist', 'prod', [A, gone.fingerprint]]],
    admits: [signedBy(alice.key)],
    refuses: [signedBy(gone.key)],
  },
  {
    what: 'a key that has expired',
    groups: [['whitelist', 'prod', [A, old.fingerprint]]],
    admits: [signedBy(alice.key)],
    refuses: [signedBy(old.key)],
  },
  {
    what: 'another signature, by nobody known',
    groups: [['whitelist', 'prod', [A]]],
    only: 'singularity',
    admits: [signedBy(alice.key)],
    refuses: [extra],
  },
  {
    what: 'another signature, by nobody known',
    groups: [['whitelist', 'prod', [A]]],
    only: 'apptainer',
    admits: [extra],
    refuses: [[...objects, by(stranger)]],
  },
  {
    what: 'a list that is off',
    top: 'activated = false',
    groups: [['whitelist', 'prod', [A]]],
    admits: [objects],
  },
];

/** Writes a list, imports it as an administrator would, and puts it in force: the exit code. */
async function load(
  { groups, top = 'activated = true' }: Case,
  flavour: Flavour,
  ...words: string[]
): Promise<number | null> {
  const tables = groups.map(([mode, place, keys], index) => {
    const path = place === '' ? '' : join(host.images, place);
    return `[[execgroup]]\ntagname = "g${index}"\nmode = "${mode}"\ndirpath = "${path}"\nkeyfp = ${JSON.stringify(keys)}\n`;
  });
  const list = join(host.folder, 'ecl.toml');
  await writeFile(list, `${top}\n${tables.join('')}`, { mode: 0o600 });
  const keyring = join(host.folder, 'global-pgp-public');
  await writeFile(keyring, Buffer.concat(KEYRING.map(({ bytes }) => bytes)));
  const { code, stdout } = await host.vouch('policy', 'import-ecl', list, '--flavour', flavour, ...words);
  if (code === 0) await host.use(asOfThisHost(stdout.toString()));
  return code;
}

/**
 * What the administrator of this host adds: a serial above the last one, that rules which ask less in a folder of a
 * user are meant, and no more binding than the file system of the test gives.
 */
function asOfThisHost(policy: string): string {
  const serial = /^serial = \d+$/m.exec(host.policyText({}))?.[0] ?? '';
  const text = policy
    .replace(/^serial = \d+\n/m, '')
    .replace(/^version = 1$/m, `version = 1\n${serial}`)
    .replace(/^\[defaults\]$/m, '[defaults]\nmin_binding = "path"')
    .replaceAll(/^\[\[rule\]\]$/gm, '[[rule]]\ni_know = true');
  for (const line of [serial, 'min_binding = "path"']) expect(text).toContain(line);
  return text;
}

async function becomes([all, place = 'prod']: readonly [readonly ObjectSpec[], string?]): Promise<string> {
  const path = join(host.images, place, `${host.name()}.sif`);
  await writeFile(path, buildImage(all), { mode: 0o644 });
  return (await host.admit(path)).effective;
}

describe.each(['singularity', 'apptainer'] as const)('a list of %s in force', (flavour) => {
  it.each(CASES.filter(({ only }) => only === undefined || only === flavour))('AD28: $what', async (one) => {
    expect(await load(one, flavour)).toBe(0);
    const { admits, refuses } = one;
    const said = [admits && (await becomes(admits)), refuses && (await becomes(refuses))];
    expect(said).toEqual([admits && 'admit', refuses && 'refuse']);
  });

  it('AD28: a blacklist of Apptainer, which re-signing gets around, is only watched until somebody decides', async () => {
    const one: Case = { what: '', groups: [['blacklist', 'prod', [B]]] };
    expect(await load(one, flavour)).toBe(0);
    const path = join(folder, `${host.name()}.sif`);
    await writeFile(path, buildImage(signedBy(alice.key, bob.key)), { mode: 0o644 });
    const watched = { effective: 'admit', mode: 'audit', would: 'refuse' };
    const refused = { effective: 'refuse', mode: 'enforce' };
    expect(await host.admit(path)).toMatchObject(flavour === 'apptainer' ? watched : refused);
  });

  it('AD28: a list for legacy signatures is refused, or taken for modern ones on the partition', async () => {
    const one: Case = {
      what: '',
      top: 'activated = true\nlegacyinsecure = true',
      groups: [['whitelist', 'prod', [A]]],
    };
    expect(await load(one, flavour)).toBe(65);
    expect(await load(one, flavour, '--accept-legacy')).toBe(0);
    expect(await becomes([signedBy(alice.key)])).toBe('admit');
    expect(await becomes([objects])).toBe('refuse');
  });

  it('AD28: a list that is malformed leaves what is in force', async () => {
    await host.use({ signers: { alice: [A] } });
    for (const top of ['activated = ', 'activated = true\nactivated = true', 'activated = 1']) {
      expect([top, await load({ what: '', top, groups: [] }, flavour)]).toEqual([top, 65]);
    }
    const group: Case = { what: '', groups: [['graylist', 'prod', [A]]] };
    expect(await load(group, flavour)).toBe(65);
    expect(await load({ what: '', groups: [['whitelist', 'prod', [A.slice(8)]]] }, flavour)).toBe(65);
    expect(await becomes([signedBy(alice.key)])).toBe('admit');
    expect(await becomes([signedBy(bob.key)])).toBe('refuse');
  });
});
