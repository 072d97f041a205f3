import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { clientEnvironment, must, run } from './program.mjs';
import { expect } from './report.mjs';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** The passphrase of every key that Vouch makes here. */
export const PASSPHRASE = 'correct horse battery staple';

/**
 * @typedef {{
 *   name: string, fingerprint: string, home: string,
 *   publicRing: string, secretRing: string, goMaySign: boolean,
 * }} Signer
 *   `home` has the keyrings; `goMaySign` is false for a key with which Go would sign by the primary key, which
 *   may not.
 */

/** Vouch and the reference library, called the same way. */
export class SifTools {
  /**
   * @param {string} sifcheck path of the built program
   * @param {string} home of nobody's keys
   */
  constructor(sifcheck, home) {
    this.sifcheck = sifcheck;
    this.env = clientEnvironment({ HOME: home });
    delete this.env['VOUCH_KEYSERVER'];
  }

  /**
   * @param {readonly string[]} args
   * @param {string} [input]
   */
  vouch(args, input) {
    return run(process.execPath, [MAIN, ...args], { env: this.env, input });
  }

  /**
   * @param {readonly string[]} args
   * @param {string} [input]
   */
  mustVouch(args, input) {
    return must(process.execPath, [MAIN, ...args], { env: this.env, input });
  }

  /**
   * @param {readonly string[]} args
   * @param {string} [input]
   */
  go(args, input) {
    return run(this.sifcheck, args, { env: this.env, input });
  }

  /** @param {readonly string[]} args */
  siftool(args) {
    return must('siftool', args, { env: this.env });
  }

  /**
   * Both say that the image is good, and name the signer.
   *
   * @param {string} image
   * @param {Signer} signer
   * @param {{ group?: number, object?: number }} [selection]
   */
  async bothVerify(image, signer, selection = {}) {
    const { ours, go } = await this.verdicts(image, signer, selection);
    expect(ours.code === 0, `vouch: exit ${ours.code}: ${ours.text}`);
    expect(go.code === 0, `Go: exit ${go.code}: ${go.text}`);
    expect(ours.stdout.includes(`[LOCAL]            Fingerprint: ${signer.fingerprint}\n`), ours.stdout);
    expect(go.stdout.includes(`by ${signer.fingerprint}:`), go.stdout);
    const [told, goTold] = [objectsOf(ours.stdout), goObjectsOf(go.stdout)];
    expect(told === goTold, `vouch verified ${told}, Go ${goTold}`);
    return `objects ${told}`;
  }

  /**
   * Both refuse; Vouch with this exit code.
   *
   * @param {string} image
   * @param {Signer} signer
   * @param {number} exitCode
   */
  async bothRefuse(image, signer, exitCode) {
    const { ours, go } = await this.verdicts(image, signer, {});
    expect(ours.code === exitCode, `vouch: exit ${ours.code}: ${ours.text}`);
    expect(go.code === 1, `Go: exit ${go.code}: ${go.text}`);
    const said = /^FATAL: +(.*)$/m.exec(ours.stderr)?.[1] ?? '';
    return `vouch: ${said} | Go: ${go.stderr.trim()}`;
  }

  /**
   * @param {string} image
   * @param {Signer} signer
   * @param {{ group?: number, object?: number }} selection
   */
  async verdicts(image, signer, { group, object }) {
    const flags = [
      ...(group === undefined ? [] : ['--group-id', String(group)]),
      ...(object === undefined ? [] : ['--sif-id', String(object)]),
    ];
    const words = [
      ...(group === undefined ? [] : [`group=${group}`]),
      ...(object === undefined ? [] : [`object=${object}`]),
    ];
    const [ours, go] = await Promise.all([
      this.vouch(['verify', '--local', '--keysdir', signer.home, ...flags, image]),
      this.go(['verify', image, signer.publicRing, ...words]),
    ]);
    return { ours, go };
  }
}

/**
 * @param {string} home
 * @returns {{ home: string, publicRing: string, secretRing: string }}
 */
export function ringsIn(home) {
  return { home, publicRing: path.join(home, 'pgp-public'), secretRing: path.join(home, 'pgp-secret') };
}

/**
 * The IDs in the tables of verified objects, in their order.
 *
 * @param {string} stdout
 */
function objectsOf(stdout) {
  return [...stdout.matchAll(/^(\d+) *\|/gm)].map(([, id]) => id).join(' ');
}

/** @param {string} stdout */
function goObjectsOf(stdout) {
  return [...stdout.matchAll(/^signature \d+ by \w+:((?: \d+)*)$/gm)]
    .map(([, ids]) => (ids ?? '').trim())
    .join(' ');
}
