import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { rolldown } from 'rolldown';
import { SetupError } from './setup-error.mjs';

/** How a source names the program of a thread. */
const THREAD = /new URL\('(\.[^']+\.js)', import\.meta\.url\)/g;

/**
 * Makes the program of the compiler's modules: some files for each command in place of several hundred. To find and
 * read those took `vouch verify` a third of its time, which is also why the program is made of scripts: Node.js has
 * them ready sooner than ECMAScript modules. Packages of others stay where npm puts them.
 *
 * @param {string} root the checkout
 * @param {string} modules the folder of the compiler's modules
 * @param {string} program the folder to write to
 * @returns {Promise<string[]>} the files that it wrote, relative to that folder
 */
export async function bundle(root, modules, program) {
  const bundler = await rolldown({
    cwd: root,
    input: { 'cli/main': join(modules, 'cli', 'main.js') },
    platform: 'node',
    // What npm brings stays outside. What the bundler itself needs comes in.
    external: packagesOf(root).map((name) => new RegExp(`^${name}(/|$)`)),
    plugins: [threads(modules)],
    onLog: (level, log) => {
      if (level === 'warn') throw new SetupError(`the build failed (rolldown): ${log.message}`);
    },
  });
  try {
    const { output } = await bundler.write({
      dir: program,
      format: 'cjs',
      comments: { legal: true, jsdoc: false, annotation: false },
      // Without the digests that it would add to names: a stack reads the same in each release.
      entryFileNames: '[name].js',
      chunkFileNames: 'parts/[name].js',
    });
    writeFileSync(join(program, 'package.json'), '{ "type": "commonjs" }\n');
    chmodSync(join(program, 'cli', 'main.js'), 0o755);
    return ['package.json', ...output.map(({ fileName }) => fileName)];
  } finally {
    await bundler.close();
  }
}

/**
 * @param {string} root the checkout
 * @returns {string[]} the names of the packages that are there when the program runs
 */
function packagesOf(root) {
  return Object.keys(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).dependencies ?? {});
}

/**
 * Keeps the programs of threads apart, and the names by which they are started right wherever those who start them
 * end up.
 *
 * @param {string} modules
 * @returns {import('rolldown').Plugin}
 */
function threads(modules) {
  return {
    name: 'threads',
    transform(code, id) {
      if (!code.includes('import.meta.url')) return null;
      return code.replaceAll(THREAD, (_, name) => {
        const program = join(id, '..', name);
        const reference = this.emitFile({ type: 'chunk', id: program, fileName: relative(modules, program) });
        return `new URL(import.meta.ROLLUP_FILE_URL_${reference})`;
      });
    },
  };
}
