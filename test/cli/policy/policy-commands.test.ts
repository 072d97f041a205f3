import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildImage, twoObjects } from '../../fixtures/sif-image.ts';
import { Signer } from '../verify-host.ts';
import { inTempFolder, vouch } from '../vouch.ts';

const ALICE = new Signer('Alice <alice@example.org>');
const POLICY = `version = 1
serial = 7
[[signer]]
name = "alice"
keys = ["${ALICE.key.key.fingerprint}"]
[[rule]]
name = "images"
scope = "/srv/images"
require = { signers = ["alice"] }
`;

interface Ran {
  readonly code: number | null;
  readonly text: string;
  readonly stderr: string;
}

/** Runs with files in a folder; FOLDER in the words names it. */
async function run(
  files: Readonly<Record<string, string | Uint8Array>>,
  words: readonly string[],
): Promise<Ran> {
  return inTempFolder(async (folder) => {
    await chmod(folder, 0o755);
    await mkdir(join(folder, 'keys'), { mode: 0o700 });
    for (const [name, content] of Object.entries(files)) {
      await writeFile(join(folder, name), content, { mode: 0o644 });
    }
    const given = words.map((word) => word.replace('FOLDER', folder));
    const { code, stdout, stderr } = await vouch(['policy', ...given]);
    return { code, text: stdout.toString(), stderr };
  });
}

describe('vouch policy lint', () => {
  it('says what a policy has, and warns of what is doubtful on this host', async () => {
    const { code, text } = await run({ 'p.toml': POLICY }, ['lint', 'FOLDER/p.toml']);
    expect(code).toBe(0);
    expect(text).toContain('(SCOPE_MISSING)\n    fix: ');
    expect(text).toMatch(/^Serial 7: 1 rule, 1 signer; 0 errors, \d warnings?$/m);
    const json = await run({ 'p.toml': POLICY }, ['lint', 'FOLDER/p.toml', '--json']);
    expect(JSON.parse(json.text)).toMatchObject({ serial: 7, rules: 1, signers: 1 });
  });

  it('names every fault on its own line with its place, and exits 65', async () => {
    const policy = `${POLICY}mode = "audti"\nscoep = "/x"\n`;
    const { code, text, stderr } = await run({ 'p.toml': policy }, ['lint', 'FOLDER/p.toml']);
    expect({ code, text }).toEqual({ code: 65, text: '' });
    const lines = stderr
      .trim()
      .split('\n')
      .filter((line) => line.includes('p.toml:'));
    expect(lines.some((line) => line.includes('p.toml:10:'))).toBe(true);
    expect(lines.some((line) => line.includes('p.toml:11:'))).toBe(true);
  });

  it('reads a draft that others can write, and warns that a daemon would not', async () => {
    const { code, stderr } = await inTempFolder(async (folder) => {
      const path = join(folder, 'p.toml');
      await writeFile(path, POLICY);
      await chmod(path, 0o666);
      return vouch(['policy', 'lint', path]);
    });
    expect(code).toBe(0);
    expect(stderr).toContain('a daemon would not take it');
  });

  it('exits 66 or 78 for what is not there', async () => {
    expect((await run({}, ['lint', 'FOLDER/a', 'FOLDER/b'])).code).toBe(66);
    expect((await run({}, ['lint', 'FOLDER/a'])).code).toBe(78);
    expect((await run({}, ['lint'])).code).toBe(64);
  });
});

describe('vouch policy show', () => {
  it('shows every default, so that it reads back to the same', async () => {
    const { code, text } = await run({ 'p.toml': POLICY }, ['show', 'FOLDER/p.toml']);
    expect(code).toBe(0);
    expect(text).toContain('on_no_match');
    const again = await run({ 'q.toml': text }, ['show', 'FOLDER/q.toml']);
    // The first line names the files by their digest.
    expect(again.text.replace(/^#.*\n/, '')).toBe(text.replace(/^#.*\n/, ''));
    const json = await run({ 'p.toml': POLICY }, ['show', 'FOLDER/p.toml', '--json']);
    expect(JSON.parse(json.text)).toMatchObject({ version: 1, serial: 7 });
  });

  it('puts several files together in their order', async () => {
    const more = '[[signer]]\nname = "bob"\nkeys = ["7C439DD7826EC057DF79B3F3ED1F4B05D02CA3DD"]\n';
    const { text } = await run({ 'a.toml': POLICY, 'b.toml': more }, [
      'show',
      'FOLDER/a.toml',
      'FOLDER/b.toml',
    ]);
    expect(text.indexOf('"alice"')).toBeLessThan(text.indexOf('"bob"'));
  });
});

describe('vouch policy test', () => {
  const files = {
    'p.toml': POLICY,
    'signed.sif': ALICE.image(),
    'plain.sif': buildImage(twoObjects()),
    'keys/alice.pgp': ALICE.certificate(),
  };
  const given = ['test', 'FOLDER/cases.toml', '--policy', 'FOLDER/p.toml', '--keys', 'FOLDER/keys'];
  const cases = (...tables: string[]): Record<string, string | Uint8Array> => ({
    ...files,
    'cases.toml': tables.map((table) => `[[case]]\n${table}\n`).join(''),
  });

  it('passes when every image comes out as the table says, as if it lay where it says', async () => {
    const table = cases(
      'image = "signed.sif"\npath = "/srv/images/a.sif"\nexpect = "admit"',
      'name = "no signature"\nimage = "plain.sif"\npath = "/srv/images/b.sif"\nexpect = "refuse"\nreason = "UNSIGNED"',
      'image = "signed.sif"\npath = "/srv/imagesX/a.sif"\nexpect = "refuse"\nreason = "NO_RULE"',
    );
    expect(await run(table, given)).toEqual({
      code: 0,
      stderr: '',
      text: 'ok    1: signed.sif\nok    no signature: plain.sif\nok    3: signed.sif\n3 of 3 cases passed\n',
    });
  });

  it('says what came instead, and exits 65', async () => {
    const table = cases(
      'image = "plain.sif"\npath = "/srv/images/a.sif"\nexpect = "admit"',
      'image = "signed.sif"\npath = "/srv/images/a.sif"\nexpect = "admit"',
    );
    const { code, text } = await run(table, given);
    expect(code).toBe(65);
    expect(text).toMatch(/^FAIL {2}1: plain\.sif: expected admit, came refuse/);
    expect(text).toContain('\n1 of 2 cases passed\n');
    const json = await run(table, [...given, '--json']);
    expect(json.code).toBe(65);
    expect(JSON.parse(json.text)).toMatchObject({
      passed: false,
      cases: [{ passed: false, decision: { verdict: 'refuse' } }, { passed: true }],
    });
  });

  it('does not find a key that it was not given, and asks no keystore by itself', async () => {
    const table = cases('image = "signed.sif"\npath = "/srv/images/a.sif"\nexpect = "admit"');
    expect((await run(table, given.slice(0, 4))).code).toBe(65);
  });

  it('exits 66 for an image that is not there, whatever is expected of it', async () => {
    const table = cases('image = "none.sif"\nexpect = "undetermined"');
    expect((await run(table, given)).code).toBe(66);
    expect((await run({ ...files, 'cases.toml': '[[case]]\nimage = 1' }, given)).code).toBe(65);
    expect((await run(cases(), ['test', 'FOLDER/cases.toml'])).code).toBe(64);
  });
});
