#!/usr/bin/env node
/**
 * `npm run interop`: real clients against a real server process. A client that is not installed is a
 * visible skip, and a failure when CI=true.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { curl } from './curl.mjs';
import { gpg, gpgVersion } from './gpg.mjs';
import { findCompiler, hasLibrary } from './go-program.mjs';
import { keyclient } from './keyclient.mjs';
import { findNginx } from './nginx-process.mjs';
import { nodes } from './nodes.mjs';
import { findProgram } from './program.mjs';
import { remote } from './remote.mjs';
import { findPostgres } from '../postgres/postgres-server.mjs';
import { createReport } from './report.mjs';
import { startServer } from './server-process.mjs';
import { sif } from './sif.mjs';
import { sq, sqVersion } from './sq.mjs';
import { tokens } from './tokens.mjs';
import { trust } from './trust.mjs';

/**
 * @typedef {{ server: import('./server-process.mjs').ServerProcess, folder: string, report: import('./report.mjs').Report }} Stage
 */

/** @param {Stage} stage */
async function runGpg(stage) {
  const missing = [];
  for (const program of ['gpg', 'dirmngr', 'gpgconf'])
    if (!(await findProgram(program))) missing.push(program);
  if (missing.length > 0)
    return stage.report.skip('gpg', `${missing.join(', ')} not installed (apt-get install gnupg dirmngr)`);
  console.log(`\n${await gpgVersion()}`);
  return gpg(stage);
}

/** @param {Stage} stage */
async function runSq(stage) {
  if (!(await findProgram('sq'))) return stage.report.skip('sq', 'not installed (apt-get install sq)');
  console.log(`\n${await sqVersion()}`);
  return sq(stage);
}

/** @param {Stage} stage */
async function runKeyclient(stage) {
  const compiler = await findCompiler();
  if (compiler === undefined)
    return stage.report.skip('keyclient', 'no Debian Go (apt-get install golang-go)');
  if (!(await hasLibrary('github.com/apptainer/container-key-client/client'))) {
    const name = 'golang-github-apptainer-container-key-client-dev';
    return stage.report.skip('keyclient', `not installed (apt-get install ${name})`);
  }
  console.log(`\nkeyclient, built by ${compiler}`);
  return keyclient({ ...stage, compiler });
}

/** @param {Stage} stage */
async function runTokens(stage) {
  const compiler = await findCompiler();
  const missing = [];
  if (compiler === undefined) missing.push('golang-go');
  if (!(await hasLibrary('github.com/apptainer/container-key-client/client')))
    missing.push('golang-github-apptainer-container-key-client-dev');
  if (!(await findProgram('curl'))) missing.push('curl');
  if (compiler === undefined || missing.length > 0)
    return stage.report.skip('tokens', `not installed (apt-get install ${missing.join(' ')})`);
  console.log(`\ntokens: curl, and keyclient built by ${compiler}`);
  return tokens({ ...stage, compiler });
}

/** @param {Stage} stage */
async function runRemote(stage) {
  const compiler = await findCompiler();
  const missing = [];
  if (compiler === undefined) missing.push('golang-go');
  if (!(await hasLibrary('github.com/apptainer/container-key-client/client')))
    missing.push('golang-github-apptainer-container-key-client-dev');
  if (!(await findProgram('openssl'))) missing.push('openssl');
  if (compiler === undefined || missing.length > 0)
    return stage.report.skip('remote', `not installed (apt-get install ${missing.join(' ')})`);
  console.log(`\nremote: remoteclient and keyclient, built by ${compiler}`);
  return remote({ ...stage, compiler });
}

/** @param {Stage} stage */
async function runSif(stage) {
  const compiler = await findCompiler();
  const missing = [];
  if (compiler === undefined) missing.push('golang-go');
  if (!(await hasLibrary('github.com/sylabs/sif/pkg/integrity')))
    missing.push('golang-github-sylabs-sif-dev');
  if (!(await findProgram('siftool'))) missing.push('siftool');
  if (!(await findProgram('gpg'))) missing.push('gnupg');
  if (compiler === undefined || missing.length > 0)
    return stage.report.skip('sif', `not installed (apt-get install ${missing.join(' ')})`);
  console.log(`\nsiftool, and sifcheck built by ${compiler}`);
  return sif({ ...stage, compiler });
}

/** @param {Stage} stage */
async function runTrust(stage) {
  const missing = [];
  for (const program of ['gpg', 'dirmngr', 'curl']) if (!(await findProgram(program))) missing.push(program);
  if (missing.length > 0) {
    const packages = 'apt-get install gnupg dirmngr curl';
    return stage.report.skip('trust', `${missing.join(', ')} not installed (${packages})`);
  }
  console.log('\ntrust daemon');
  return trust(stage);
}

/** @param {Stage} stage */
async function runNodes(stage) {
  const [postgres, nginx] = await Promise.all([findPostgres(), findNginx()]);
  if (postgres === undefined || nginx === undefined)
    return stage.report.skip('nodes', 'not installed (apt-get install postgresql nginx)');
  console.log('\nthree nodes on one PostgreSQL, behind nginx');
  return nodes({ ...stage, postgres, nginx });
}

/** @param {Stage} stage */
async function runCurl(stage) {
  if (!(await findProgram('curl'))) return stage.report.skip('curl', 'not installed (apt-get install curl)');
  console.log('\ncurl');
  return curl(stage);
}

async function main() {
  const report = createReport({ strict: process.env['CI'] === 'true' });
  const folder = await mkdtemp(path.join(os.tmpdir(), 'vi-'));
  const server = await startServer({ data: path.join(folder, 'data') });
  try {
    console.log(`server process ${server.pid} at ${server.url}`);
    const stages = {
      gpg: runGpg,
      sq: runSq,
      keyclient: runKeyclient,
      sif: runSif,
      curl: runCurl,
      tokens: runTokens,
      remote: runRemote,
      trust: runTrust,
      nodes: runNodes,
    };
    const chosen = process.argv.slice(2);

    for (const [client, stage] of Object.entries(stages)) {
      if (chosen.length > 0 && !chosen.includes(client)) continue;
      // What breaks outside a check (a client that cannot make a key) is a failure of that client only.
      await stage({ server, folder, report }).catch((/** @type {unknown} */ error) =>
        report.check(client, 'ran to its end', () => Promise.reject(error)),
      );
    }
    await report.check('server', 'ends by itself when told to', async () => {
      const code = await server.stop();
      if (code !== 0) throw new Error(`exit ${code}: ${server.log()}`);
      return `exit ${code}`;
    });
  } finally {
    await server.kill();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
  return report.finish();
}

process.exitCode = await main();
