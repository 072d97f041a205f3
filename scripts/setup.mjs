// Run before `npm start`, `npm test` and `npm run demo`: installs and builds what is missing or out of date.
// Says on stderr what it does; nothing when there is nothing to do. Exit 78: this Node.js is too old, 1: npm
// or the build failed.
//
// An old Node.js has to get as far as the message, so this file has no static import and no new syntax.

const version = process.versions.node.split('.');
const major = Number(version[0]);
const minor = Number(version[1]);

// Keep in step with "engines" of package.json. 21, 23 and early 22 are refused by yargs and vitest.
const supported = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major >= 24;

if (supported) {
  import('./setup/prepare.mjs')
    .then((module) => module.run(process.argv.slice(2)))
    .then(
      (code) => {
        process.exitCode = code;
      },
      (error) => {
        process.stderr.write('setup: ' + String(error) + '\n');
        process.exitCode = 1;
      },
    );
} else {
  process.stderr.write(
    'setup: Vouch needs Node.js 20.19, 22.12, 24 or newer, and this is ' +
      process.versions.node +
      '. Install one from https://nodejs.org and run the command again.\n',
  );
  process.exitCode = 78;
}
