/*
 * An ecl.toml in the words of a policy. Where the two cannot say the same, the policy is the stricter one or only
 * watches, and a note says so; docs/ecl.md lists the cases.
 */
import { PolicyError } from '../error.ts';
import type { Ecl, EclFlavour, EclGroup } from './ecl.ts';
import { tomlComment, tomlString, tomlStrings } from './toml-text.ts';
import { UniqueNames } from './unique-names.ts';

/** A key of the global keyring, which is where ECL takes certificates from. */
export interface KeyringKey {
  /** Of the primary key, upper-case hexadecimal. */
  readonly fingerprint: string;
  /** User IDs: hostile text. */
  readonly names: readonly string[];
  readonly state: 'good' | 'expired' | 'revoked';
}

export interface EclImportOptions {
  readonly flavour: EclFlavour;
  readonly keyring: readonly KeyringKey[];
  /** Import a list that is for legacy signatures, which never admit here. */
  readonly acceptLegacy: boolean;
}

export interface EclImport {
  /** A policy file. */
  readonly toml: string;
  /** What is different from ECL, or worth a look. May quote hostile text. */
  readonly notes: readonly string[];
}

/** Name of the set that stands for "any key of the global keyring". */
const KEYRING_SET = 'global-keyring';

/** What the parts of the policy are made from. */
interface Import extends EclImportOptions {
  readonly ecl: Ecl;
  readonly notes: string[];
  /** Names of signers by fingerprint, those that a rule asks for. */
  readonly signers: Map<string, string>;
  readonly signerNames: UniqueNames;
  readonly ruleNames: UniqueNames;
}

/** Throws `BAD_ECL` for a list for legacy signatures, unless those are accepted to mean modern ones. */
export function importEcl(ecl: Ecl, options: EclImportOptions): EclImport {
  if (ecl.legacyInsecure && !options.acceptLegacy) {
    throw new PolicyError(
      'BAD_ECL',
      'legacyinsecure = true asks for signatures of Singularity 3.0 to 3.5, which never admit an image here: they ' +
        'leave everything but the primary partition unprotected. Sign the images anew and set it to false; or give ' +
        '--accept-legacy to ask for modern signatures on the primary partition instead',
    );
  }
  const work: Import = {
    ...options,
    ecl,
    notes: [...ecl.warnings],
    signers: new Map(),
    // Signers and sets share their names.
    signerNames: new UniqueNames([KEYRING_SET]),
    ruleNames: new UniqueNames(),
  };
  noteWhole(work);
  const rules = ecl.groups.map((group, i) => ruleText(group, i, work));
  const text = [headText(work), ...signerTexts(work), ...setTexts(work), ...rules].join('\n');
  return { toml: text, notes: work.notes };
}

function noteWhole({ ecl, flavour, notes }: Import): void {
  if (!ecl.activated) notes.push('ECL was off: the policy refuses nothing, decisions are only logged');
  if (ecl.legacyInsecure) {
    notes.push(
      'legacyinsecure: the rules ask for modern signatures on the primary partition; images with legacy signatures ' +
        'only are refused, where ECL admitted them',
    );
  }
  if (ecl.groups.some(({ dirPath }) => dirPath !== '')) {
    notes.push(
      'as in ECL, a rule is for images directly in its folder; with "recursive = true" it is for sub-folders too',
    );
  }
  if (flavour === 'apptainer' && ecl.groups.length > 0) {
    notes.push(
      'Apptainer refuses an image for signatures beside those asked for: DSSE ones, ones of other content, ones that ' +
        'do not verify and name a key asked for; anybody can add such, and the policy passes over them',
    );
  }
  if (ecl.groups.length === 0) notes.push('there are no groups: ECL refuses every image when it is on');
}

function headText({ ecl, flavour }: Import): string {
  const tool = flavour === 'singularity' ? 'SingularityCE' : 'Apptainer';
  return [
    tomlComment(`An execution control list as ${tool} reads it, in the words of a policy.`),
    tomlComment(
      'The certificates belong in the folder of keys: the global keyring may be copied there as it is.',
    ),
    'version = 1',
    'serial = 1',
    '',
    '[defaults]',
    ...(ecl.activated ? [] : [tomlComment('activated = false: nothing was refused')]),
    `mode = ${tomlString(ecl.activated ? 'enforce' : 'audit')}`,
    'level = "strict"',
    tomlComment('Expired and revoked keys are refused for signatures of any time, as the tools do.'),
    'semantics = "singularity"',
    `on_no_match = ${tomlString(ecl.activated ? 'refuse' : 'admit')}`,
    '',
  ].join('\n');
}

function signerTexts({ signers, keyring }: Import): string[] {
  return [...signers].map(([fingerprint, name]) => {
    const held = keyring.find((key) => key.fingerprint === fingerprint);
    const who = held === undefined ? 'not in the global keyring' : [...held.names, held.state].join(', ');
    return [
      '[[signer]]',
      tomlComment(who),
      `name = ${tomlString(name)}`,
      `keys = [${tomlString(fingerprint)}]`,
      tomlComment(
        'ECL asks no keystore. Revocations that a keystore of the daemon knows count all the same.',
      ),
      'sources = ["local"]',
      '',
    ].join('\n');
  });
}

/** One set, when there is something in it and a rule wants it. */
function setTexts(work: Import): string[] {
  if (!work.ecl.groups.some(wantsAnyKey)) return [];
  const members = anyKey(work);
  if (members.length === 0) return [];
  const lines = ['[[set]]', tomlComment('Every key of the global keyring.'), `name = "${KEYRING_SET}"`];
  return [[...lines, `members = ${tomlStrings(members)}`, ''].join('\n')];
}

function ruleText(group: EclGroup, i: number, work: Import): string {
  const { ecl, flavour } = work;
  const name = work.ruleNames.name(group.tagName, `group-${i + 1}`);
  noteName(group, name, work);
  const watched = ecl.activated && group.mode === 'blacklist' && flavour === 'apptainer';
  const lines = [
    '[[rule]]',
    ...commentsOf(group, { name, watched, work }),
    `name = ${tomlString(name)}`,
    ...(group.dirPath === '' ? [] : [`scope = ${tomlString(group.dirPath)}`, 'recursive = false']),
    ...(watched ? ['mode = "audit"'] : []),
    `require = ${requireText(group, name, work)}`,
    `objects = ${tomlString(ecl.legacyInsecure ? 'primary' : 'all')}`,
    `extra_signatures = ${tomlString(flavour === 'singularity' ? 'refuse' : 'ignore')}`,
    tomlComment('ECL does not ask where the image lies; "store" or "root-owned" is safer.'),
    'min_binding = "path"',
    ...(group.mode === 'blacklist' && group.keys.length > 0 ? [`deny = ${tomlStrings(group.keys)}`] : []),
    '',
  ];
  return lines.join('\n');
}

function noteName({ tagName }: EclGroup, name: string, { notes }: Import): void {
  if (tagName !== '' && tagName !== name) notes.push(`group "${tagName}" becomes rule "${name}"`);
}

function commentsOf(
  { mode, keys }: EclGroup,
  { name, watched, work }: { name: string; watched: boolean; work: Import },
): string[] {
  const note = (text: string): void => void work.notes.push(`rule ${name}: ${text}`);
  if (watched) {
    note(
      'only watches (mode = "audit"): Apptainer\'s blacklist admits images whose signatures nobody can verify, so that ' +
        'it is passed by taking the forbidden signature off; a policy demands a known signer. Look at the log, then ' +
        'set mode = "enforce"',
    );
  }
  if (mode === 'whitelist' && keys.length === 0) {
    note('a whitelist without keys refuses every image, in ECL as here');
  }
  if (mode !== 'whitelist' && (mode === 'blacklist' || keys.length === 0)) {
    note(
      'ECL asks for no certain key here; the policy asks for one key of the global keyring that has signed all groups',
    );
  }
  const lines = [tomlComment(`${mode} of ${keys.length === 1 ? '1 key' : `${keys.length} keys`}`)];
  if (watched) lines.push(tomlComment('Audit: Apptainer does not verify what a blacklist is compared with.'));
  return lines;
}

function requireText(group: EclGroup, rule: string, work: Import): string {
  if (wantsAnyKey(group)) {
    if (anyKey(work).length > 0) return `{ set = "${KEYRING_SET}", threshold = 1 }`;
    work.notes.push(`rule ${rule}: the global keyring has no key, so every image is refused`);
    return '{ signers = [] }';
  }
  if (group.keys.length === 0) return '{ signers = [] }';
  const threshold = group.mode === 'whitestrict' ? group.keys.length : 1;
  const names = group.keys.map((fingerprint) => signerName(fingerprint, work));
  return `{ signers = ${tomlStrings(names)}, threshold = ${threshold} }`;
}

function wantsAnyKey({ mode, keys }: EclGroup): boolean {
  return mode === 'blacklist' || (mode === 'whitestrict' && keys.length === 0);
}

/** Names of the signers that have a key in the global keyring. ECL knows fingerprints of 40 digits only. */
function anyKey(work: Import): string[] {
  const known = new Set(
    work.keyring.map(({ fingerprint }) => fingerprint).filter((one) => one.length === 40),
  );
  return [...known].map((fingerprint) => signerName(fingerprint, work));
}

/** The name of the signer with this key; a new one the first time, with a note when the key is no good. */
function signerName(fingerprint: string, work: Import): string {
  const before = work.signers.get(fingerprint);
  if (before !== undefined) return before;
  const held = work.keyring.find((key) => key.fingerprint === fingerprint);
  const name = work.signerNames.name(personOf(held?.names[0] ?? ''), `key-${fingerprint.slice(-16)}`);
  work.signers.set(fingerprint, name);
  if (held === undefined) {
    work.notes.push(
      `signer ${name}: ${fingerprint} is not in the global keyring: its signatures count only once the ` +
        'certificate is in the folder of keys',
    );
  } else if (held.state !== 'good') {
    work.notes.push(`signer ${name}: ${fingerprint} is ${held.state}: its signatures do not count`);
  }
  return name;
}

/** The name in a user ID, or the part of the address before the @. */
function personOf(userId: string): string {
  const [before = ''] = userId.split(/[<(]/);
  if (before.trim() !== '') return (before.split('@')[0] ?? '').toLowerCase();
  const address = /<([^<>@]+)@/.exec(userId);
  return (address?.[1] ?? '').toLowerCase();
}
