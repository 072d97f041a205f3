#!/usr/bin/env node
/**
 * `npm run sbom [-- --dev --licences]`: what Vouch is made of, as a CycloneDX 1.6 bill of materials on standard output:
 * every package with its version, the digest that npm holds it against, its licence, and who needs it. The lock file
 * says it all, so the same lock file gives the same octets. `--dev`: what only builds and tests need is in it too.
 * `--licences`: a table of licences instead. Exit 1: a package without a digest or a licence, or one that runs a script
 * when it is installed and is not known to.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const ROOT = new URL('../', import.meta.url);

/** Packages that run a script when they are installed, and why that is borne. */
const INSTALL_SCRIPTS = new Map([
  [
    'classic-level',
    'node-gyp-build: looks whether one of the binaries in the package fits, compiles if none does',
  ],
]);

/**
 * @typedef {{ version: string, integrity?: string, license?: string, dev?: boolean, devOptional?: boolean, optional?: boolean,
 *   hasInstallScript?: boolean, dependencies?: Record<string, string>, optionalDependencies?: Record<string, string>,
 *   peerDependencies?: Record<string, string> }} Locked
 */

/** @type {{ name: string, version: string, license: string }} */
const own = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8'));
/** @type {{ packages: Record<string, Locked> }} */
const lock = JSON.parse(readFileSync(new URL('package-lock.json', ROOT), 'utf8'));

const MODULES = 'node_modules/';

/** @param {string} place in the lock file, such as `node_modules/a/node_modules/@b/c` */
const nameOf = (place) => place.slice(place.lastIndexOf(MODULES) + MODULES.length);

/**
 * @param {string} place
 * @param {string} version
 */
const reference = (place, version) => `pkg:npm/${nameOf(place).replace('@', '%40')}@${version}`;

/**
 * Where a package finds one that it needs: in the nearest folder upwards.
 *
 * @param {string} from
 * @param {string} name
 */
function resolve(from, name) {
  for (let place = from; ; place = place.slice(0, Math.max(0, place.lastIndexOf(`/${MODULES}`)))) {
    const candidate = `${place === '' ? '' : `${place}/`}${MODULES}${name}`;
    if (lock.packages[candidate] !== undefined) return candidate;
    if (place === '') return undefined;
    if (!place.includes(`/${MODULES}`)) place = '';
  }
}

/**
 * @param {string} place
 * @param {Locked} locked
 */
function neededBy(place, { dependencies, optionalDependencies, peerDependencies }) {
  const names = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
  return names
    .flatMap((name) => resolve(place, name) ?? [])
    .map((found) => reference(found, lock.packages[found]?.version ?? ''));
}

/**
 * @param {string} place
 * @param {Locked} locked
 */
function component(place, locked) {
  const { version, integrity = '', license = '' } = locked;
  const [group, name] = nameOf(place).startsWith('@') ? nameOf(place).split('/') : [undefined, nameOf(place)];
  const [algorithm, base64 = ''] = integrity.split('-');
  return {
    type: 'library',
    'bom-ref': reference(place, version),
    ...(group !== undefined && { group }),
    name,
    version,
    scope: isShipped(locked) ? 'required' : 'excluded',
    hashes: [
      {
        alg: algorithm === 'sha512' ? 'SHA-512' : 'SHA-1',
        content: Buffer.from(base64, 'base64').toString('hex'),
      },
    ],
    licenses: [/[ ()]/.test(license) ? { expression: license } : { license: { id: spdx(license) } }],
    purl: reference(place, version),
  };
}

/** npm still writes some licences as they were called before SPDX 3. @param {string} license */
const spdx = (license) => license.replace(/^((?:A|L)?GPL-\d\.\d)\+$/, '$1-or-later');

/** What is there after `npm ci --omit=dev --omit=optional --omit=peer`, as in the image. @param {Locked} locked */
function isShipped({ dev, devOptional, optional }) {
  return dev !== true && devOptional !== true && optional !== true;
}

/** @param {readonly [string, Locked][]} all */
function faults(all) {
  return all.flatMap(([place, { integrity, license, hasInstallScript }]) => {
    const name = nameOf(place);
    return [
      ...(integrity === undefined ? [`${name} has no digest`] : []),
      ...(license === undefined ? [`${name} names no licence`] : []),
      ...(hasInstallScript === true && !INSTALL_SCRIPTS.has(name)
        ? [`${name} runs a script when it is installed`]
        : []),
    ];
  });
}

/** @param {readonly [string, Locked][]} all */
function materials(all) {
  const root = `pkg:npm/${own.name}@${own.version}`;
  /** @type {Map<string, ReturnType<typeof component>>} one for each version, wherever it lies */
  const components = new Map(
    all.map(([place, locked]) => [reference(place, locked.version), component(place, locked)]),
  );
  /** @param {string} place @param {Locked} locked */
  const needsOf = (place, locked) =>
    neededBy(place, locked)
      .filter((one) => components.has(one))
      .toSorted();
  const needs = new Map(
    all.map(([place, locked]) => [reference(place, locked.version), needsOf(place, locked)]),
  );
  const body = {
    metadata: {
      component: {
        type: 'application',
        'bom-ref': root,
        name: own.name,
        version: own.version,
        licenses: [{ license: { id: own.license } }],
        purl: root,
      },
    },
    components: [...components.values()].toSorted((a, b) => (a['bom-ref'] < b['bom-ref'] ? -1 : 1)),
    dependencies: [
      { ref: root, dependsOn: needsOf('', lock.packages[''] ?? own) },
      ...[...needs]
        .map(([ref, dependsOn]) => ({ ref, dependsOn }))
        .toSorted((a, b) => (a.ref < b.ref ? -1 : 1)),
    ],
  };
  // A serial number for these materials, not for this run.
  const digest = createHash('sha256').update(JSON.stringify(body)).digest('hex');
  const uuid = digest.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-8$3-8$4-$5');
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuid}`,
    version: 1,
    ...body,
  };
}

/** @param {readonly [string, Locked][]} all */
function licences(all) {
  /** @type {Map<string, string[]>} */
  const by = new Map();
  for (const [place, { license = 'none', version }] of all) {
    by.set(license, [...(by.get(license) ?? []), `${nameOf(place)} ${version}`]);
  }
  return [...by]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(
      ([license, names]) =>
        `${license} (${names.length}): ${[...new Set(names)].toSorted((a, b) => (a < b ? -1 : 1)).join(', ')}\n`,
    )
    .join('');
}

const { values } = parseArgs({ options: { dev: { type: 'boolean' }, licences: { type: 'boolean' } } });
const all = Object.entries(lock.packages).filter(
  ([place, locked]) => place !== '' && (values.dev === true || isShipped(locked)),
);
const wrong = faults(all);
process.stdout.write(
  values.licences === true ? licences(all) : `${JSON.stringify(materials(all), undefined, 2)}\n`,
);
for (const line of wrong) process.stderr.write(`sbom: ${line}\n`);
if (wrong.length > 0) process.exitCode = 1;
