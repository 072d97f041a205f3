import { readFileSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { importsOf } from './architecture/imports.ts';
import { PACKAGES, ROOMS } from './architecture/rules.ts';
import { violations } from './architecture/violations.ts';

const SRC = fileURLToPath(new URL('../src', import.meta.url));

function sources(): Map<string, string> {
  const files = readdirSync(SRC, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [relative(SRC, path).split(sep).join('/'), readFileSync(path, 'utf8')];
    }),
  );
}

function roomsBelow(room: string): string[] {
  const { mayImport = [], typesOf = [] } = ROOMS[room] ?? {};
  return [...mayImport, ...typesOf].map((name) => name.replace(/\/.*/, ''));
}

function rules(files: Record<string, string>): string[] {
  return violations(new Map(Object.entries(files)));
}

describe('the rooms of src', () => {
  it('import only what the table allows', () => {
    expect(violations(sources())).toEqual([]);
  });

  it('are read: the check sees imports between rooms and of packages', () => {
    const seen = [...sources()].flatMap(([path, source]) =>
      importsOf(source).map(({ specifier }) => `${path} ${specifier}`),
    );
    expect(seen).toContain('openpgp/error.ts ../error.ts');
    expect(seen).toContain('hkp/submission.ts ../openpgp/error.ts');
    expect(seen.some((line) => line.startsWith('openpgp/') && line.endsWith(' openpgp'))).toBe(true);
  });

  it('use every dependency of package.json, each in its place', () => {
    const { dependencies } = JSON.parse(
      readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
    ) as {
      dependencies: Record<string, string>;
    };
    const packages = Object.keys(PACKAGES).filter((name) => !name.startsWith('node:'));
    expect(packages.toSorted()).toEqual(Object.keys(dependencies).toSorted());
  });

  it('never import each other in a circle', () => {
    for (const start of Object.keys(ROOMS)) {
      const above = new Set(roomsBelow(start));
      for (const room of above) for (const next of roomsBelow(room)) above.add(next);
      expect([start, above.has(start)]).toEqual([start, false]);
    }
  });
});

describe('the check of imports', () => {
  const base = {
    'error.ts': '',
    'openpgp/packet.ts': '',
    'keystore/keystore.ts': '',
    'hkp/client.ts': '',
    'hkp/get.ts': '',
  };

  it('says which file, which import and which rule', () => {
    expect(rules({ ...base, 'keystore/level.ts': "\nimport { a } from '../openpgp/packet.ts';" })).toEqual([
      "src/keystore/level.ts:2 imports '../openpgp/packet.ts': room keystore may import no other room",
    ]);
    expect(rules({ ...base, 'openpgp/a.ts': "import '../hkp/get.ts';" })).toEqual([
      "src/openpgp/a.ts:1 imports '../hkp/get.ts': room openpgp may import only bytes",
    ]);
  });

  it.each([
    ['a static import', "import { a } from '../openpgp/packet.ts';"],
    ['an import of several lines', "import {\n  a,\n  b,\n} from '../openpgp/packet.ts';"],
    ['a type import', "import type { a } from '../openpgp/packet.ts';"],
    ['a side-effect import', "import '../openpgp/packet.ts';"],
    ['a dynamic import', "const a = await import('../openpgp/packet.ts');"],
    ['a dynamic import in a template', "const a = `${await import('../openpgp/packet.ts')}`;"],
    ['a type query', "type A = import('../openpgp/packet.ts').A;"],
    ['a re-export', "export { a } from '../openpgp/packet.ts';"],
    ['a star export', "export * from '../openpgp/packet.ts';"],
    ['a type re-export', "export type { a } from '../openpgp/packet.ts';"],
    ['require', "const a = require('../openpgp/packet.ts');"],
    [
      'an import after a regular expression with quotes',
      "const a = /['\"`/*]/.test(b);\nimport c from '../openpgp/packet.ts';",
    ],
    ['a computed import', 'await import(name);'],
  ])('finds %s', (_, source) => {
    expect(rules({ ...base, 'keystore/level.ts': source })).toHaveLength(1);
  });

  it.each([
    ['a comment', "// import '../openpgp/packet.ts';\n/* import '../openpgp/packet.ts'; */"],
    ['a string', `const a = "import '../openpgp/packet.ts'";`],
    ['a template', "const a = `import '../openpgp/packet.ts' ${b + `}${'`'}`}`;"],
    ['import.meta', 'const a = import.meta.url;'],
    ['a property called import', 'const a = { import: 1 }; a.import(b);'],
    ['a local export', 'const a = 1; export { a }; export type B = { a: 1 };'],
    ['its own room', "import { a } from './keystore.ts';"],
    ['the base error', "import { a } from '../error.ts';"],
    ["Node's own modules", "import { a } from 'node:fs/promises';"],
  ])('lets %s be', (_, source) => {
    expect(rules({ ...base, 'keystore/level.ts': source })).toEqual([]);
  });

  it('knows permissions for one file of a room', () => {
    const client = "import { a } from '../hkp/client.ts';";
    expect(rules({ ...base, 'admission/refresh.ts': client })).toEqual([]);
    expect(rules({ ...base, 'admission/refresh.ts': "import { a } from '../hkp/get.ts';" })).toHaveLength(1);
  });

  it('knows permissions for types only', () => {
    const files = { ...base, 'integrity/report.ts': '' };
    expect(rules({ ...files, 'policy/a.ts': "import type { A } from '../integrity/report.ts';" })).toEqual(
      [],
    );
    expect(
      rules({ ...files, 'policy/a.ts': "import { type A } from '../integrity/report.ts';" }),
    ).toHaveLength(1);
  });

  it('keeps the verifier for the store away from what judges images, in its own room too', () => {
    const files = { ...base, 'openpgp/verify-for-store.ts': '', 'integrity/a.ts': '' };
    const by = (path: string, to: string): string[] =>
      rules({ ...files, [path]: `import { a } from '${to}';` });
    expect(by('hkp/submit.ts', '../openpgp/verify-for-store.ts')).toEqual([]);
    expect(by('hkp/client.ts', '../openpgp/verify-for-store.ts')).toHaveLength(1);
    expect(by('integrity/a.ts', '../openpgp/verify-for-store.ts')).toHaveLength(1);
    expect(by('openpgp/makers.ts', './verify-for-store.ts')).toHaveLength(1);
  });

  it('keeps packages in their rooms', () => {
    expect(rules({ 'hkp/a.ts': "import * as o from 'openpgp';" })).toEqual([
      "src/hkp/a.ts:1 imports 'openpgp': openpgp belongs in openpgp",
    ]);
    expect(
      rules({
        'openpgp/a.ts': "import * as o from 'openpgp';",
        'http/a.ts': "import { b } from 'node:http';",
      }),
    ).toEqual([]);
    expect(rules({ 'keystore/memory.ts': "import { Level } from 'level';" })).toHaveLength(1);
    expect(rules({ 'pages/a.ts': "import { Router } from '@koa/router';" })).toEqual([]);
    expect(rules({ 'hkp/a.ts': "import http from 'node:http';" })).toHaveLength(1);
    expect(rules({ 'hkp/a.ts': "import lodash from 'lodash/map';" })).toHaveLength(1);
    expect(rules({ 'hkp/a.ts': "import fs from 'fs';" })).toHaveLength(1);
  });

  it('refuses rooms outside the table, vague names, and files at the top', () => {
    expect(rules({ 'cache/lru.ts': '' })).toHaveLength(1);
    expect(rules({ 'hkp/index.ts': '' })).toHaveLength(1);
    expect(rules({ 'hkp/utils/text.ts': '' })).toHaveLength(1);
    expect(rules({ 'main.ts': '' })).toHaveLength(1);
    expect(rules({ 'error.ts': "import { a } from 'node:fs';" })).toHaveLength(1);
  });

  it('refuses an import of a file that is not there', () => {
    expect(rules({ 'hkp/a.ts': "import { a } from './b.js';" })).toHaveLength(1);
  });

  it('keeps other rooms out of the start of the command line', () => {
    const files = { ...base, 'cli/serve.ts': "import { a } from '../keystore/keystore.ts';" };
    expect(rules({ ...files, 'cli/main.ts': "await import('./serve.ts');" })).toEqual([]);
    expect(rules({ ...files, 'cli/main.ts': "import { serve } from './serve.ts';" })).toEqual([
      "src/cli/serve.ts:1 imports '../keystore/keystore.ts': cli/main.ts reaches it at start; use import()",
    ]);
  });

  it('gives up aloud on what it cannot read', () => {
    expect(() => rules({ 'hkp/a.ts': "const a = 'never closed" })).toThrow('line 1');
    expect(() => rules({ 'hkp/a.ts': '\nconst a = `never closed' })).toThrow('line 2');
    expect(() => rules({ 'hkp/a.ts': 'import a = b;' })).toThrow('line 1');
  });
});
