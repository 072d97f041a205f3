import { copyFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { buildGo } from './go-program.mjs';
import { GpgHost } from './gpg-host.mjs';
import { expect } from './report.mjs';
import { makeImage, SHAPES, TAMPERING } from './sif-images.mjs';
import { bringUpToDate, gpgKey, gpgKeys, imported, revoke, vouchKeys } from './sif-keys.mjs';
import { PASSPHRASE, SifTools } from './sif-tools.mjs';

/**
 * @typedef {{
 *   tools: SifTools, report: import('./report.mjs').Report, folder: string, images: Readonly<Record<string, string>>,
 * }} Bench
 * @typedef {import('./sif-tools.mjs').Signer} Signer
 */

/**
 * Images and keys that go back and forth between Vouch and the reference library: kinds of keys × shapes of
 * images, signed by either and verified by both; what was tampered with, and keys that are over, refused by both.
 *
 * @param {import('./run.mjs').Stage & { compiler: string }} stage
 */
export async function sif({ server, folder: parent, report, compiler }) {
  const folder = path.join(parent, 's');
  await mkdir(folder);
  const tools = new SifTools(await buildGo('sifcheck', compiler, folder), folder);
  const host = await GpgHost.create(folder, 'g', `hkp://${server.host}:${server.port}`);
  try {
    const images = await makeImages(tools, report, folder);
    const bench = { tools, report, folder, images };
    const signers = [...(await vouchKeys(tools, folder)), ...(await gpgKeys(tools, host, folder))];
    for (const signer of signers) await matrix(bench, signer);
    const [rsa, ...others] = signers;
    const ed25519 = others.find(({ name }) => name === 'gpg Ed25519');
    for (const signer of [rsa, ed25519]) if (signer !== undefined) await tampered(bench, signer);
    if (rsa !== undefined) await parts(bench, rsa);
    await overKeys(bench, host);
  } finally {
    await host.close();
  }
}

/**
 * The same images made by either, which must be alike for both.
 *
 * @param {SifTools} tools
 * @param {import('./report.mjs').Report} report
 * @param {string} folder
 */
async function makeImages(tools, report, folder) {
  /** @type {Record<string, string>} */
  const images = {};
  for (const [shape, objects] of Object.entries(SHAPES)) {
    for (const maker of /** @type {const} */ (['siftool', 'vouch'])) {
      const image = path.join(folder, `${shape}, ${maker}.sif`.replaceAll(' ', '-'));
      await makeImage(tools, maker, image, objects);
      images[`${shape}, made by ${maker}`] = image;
      await report.check('sif', `siftool and vouch list alike: ${shape}, made by ${maker}`, async () => {
        const [ours, go] = await Promise.all([
          tools.mustVouch(['sif', 'list', image]),
          tools.siftool(['list', image]),
        ]);
        expect(ours.stdout.trim() === go.stdout.trim(), `${ours.stdout}\n${go.stdout}`);
        return `${objects.length} objects`;
      });
    }
  }
  return images;
}

/**
 * @param {Bench} bench
 * @param {Signer} signer
 */
async function matrix({ tools, report, images }, signer) {
  await report.check('sif', `${signer.name}: Go reads the keyrings`, async () => {
    const { code, text } = await tools.go(['keys', signer.publicRing]);
    expect(code === 0 && text.includes(`${signer.fingerprint} public`), text);
    const secret = await tools.go(['keys', signer.secretRing]);
    expect(secret.code === 0 && /(?:secret|locked)/.test(secret.text), secret.text);
    return text;
  });
  for (const [shape, image] of Object.entries(images)) {
    const signed = `${image}.signed`;
    await report.check('sif', `${signer.name}: signed by vouch, ${shape}`, async () => {
      await copyFile(image, signed);
      await vouchSigns(tools, signer, signed);
      return tools.bothVerify(signed, signer);
    });
    if (!signer.goMaySign) continue;
    await report.check('sif', `${signer.name}: signed by Go, ${shape}`, async () => {
      await copyFile(image, signed);
      await goSigns(tools, signer, signed);
      return tools.bothVerify(signed, signer);
    });
  }
}

/**
 * @param {Bench} bench
 * @param {Signer} signer
 */
async function tampered({ tools, report, images }, signer) {
  const image = images['one group, made by siftool'] ?? '';
  const signed = `${image}.signed`;
  for (const [who, sign] of Object.entries({ vouch: vouchSigns, Go: goSigns })) {
    await copyFile(image, signed);
    await sign(tools, signer, signed);
    for (const [what, tamper] of Object.entries(TAMPERING)) {
      await report.check(
        'sif',
        `${signer.name}: signed by ${who}, then ${what}: refused by both`,
        async () => {
          const changed = `${image}.changed`;
          await copyFile(signed, changed);
          await tamper(changed, tools);
          return tools.bothRefuse(changed, signer, 11);
        },
      );
    }
  }
}

/**
 * @param {Bench} bench
 * @param {Signer} signer
 */
async function parts({ tools, report, images }, signer) {
  const image = images['two groups, made by vouch'] ?? '';
  const signed = `${image}.part`;
  for (const [who, sign] of Object.entries({ vouch: vouchSigns, Go: goSigns })) {
    await report.check(
      'sif',
      `one of two groups, signed by ${who}: good by itself, not as a whole`,
      async () => {
        await copyFile(image, signed);
        await sign(tools, signer, signed, { group: 2 });
        await tools.bothVerify(signed, signer, { group: 2 });
        return tools.bothRefuse(signed, signer, 11);
      },
    );
    await report.check('sif', `one object, signed by ${who}: good by itself`, async () => {
      await copyFile(images['one group, made by vouch'] ?? '', signed);
      await sign(tools, signer, signed, { object: 2 });
      const seen = await tools.bothVerify(signed, signer, { object: 2 });
      await tools.bothRefuse(signed, signer, 11);
      return seen;
    });
  }
  await report.check('sif', 'signed twice, by vouch and by Go', async () => {
    await copyFile(image, signed);
    await vouchSigns(tools, signer, signed);
    await goSigns(tools, signer, signed);
    return tools.bothVerify(signed, signer);
  });
  await report.check('sif', 'an unsigned image', () => tools.bothRefuse(image, signer, 11));
}

/**
 * Signed while the key was good; then it expired, or was revoked.
 *
 * @param {Bench} bench
 * @param {GpgHost} host
 */
async function overKeys({ tools, report, folder, images }, host) {
  const image = images['one group, made by siftool'] ?? '';
  /** @type {Readonly<Record<string, (fingerprint: string) => Promise<void>>>} */
  const ends = {
    expired: async (fingerprint) => {
      await host.must(['--quick-set-expire', fingerprint, 'seconds=1']);
      await setTimeout(2500);
    },
    revoked: (fingerprint) => revoke(host, fingerprint),
  };
  for (const [what, end] of Object.entries(ends)) {
    const name = `gpg ${what}`;
    const fingerprint = await gpgKey(host, `${name} <${what}@example.org>`, 'ed25519', 'sign');
    const signer = { name, ...(await imported(tools, host, folder, fingerprint)), goMaySign: true };
    const signed = `${image}.${what}`;
    await copyFile(image, signed);
    await vouchSigns(tools, signer, signed);
    await report.check('sif', `${name}: verified by both before that`, () =>
      tools.bothVerify(signed, signer),
    );
    await end(fingerprint);
    await bringUpToDate(tools, host, signer);
    await report.check('sif', `${name}: refused by both`, () => tools.bothRefuse(signed, signer, 12));
    await report.check('sif', `${name}: vouch refuses to sign with it`, async () => {
      const { home } = signer;
      await tools.mustVouch(['key', 'remove', '--secret', '--keysdir', home, fingerprint]);
      await host.must(['--yes', '--output', `${signed}.key`, '--export-secret-keys', fingerprint]);
      await tools.mustVouch(['key', 'import', '--keysdir', home, `${signed}.key`]);
      const { code, stderr } = await tools.vouch(['sign', '--keysdir', home, signed]);
      expect(code === 65, `exit ${code}: ${stderr}`);
      return stderr;
    });
  }
}

/**
 * @param {SifTools} tools
 * @param {Signer} signer
 * @param {string} image
 * @param {{ group?: number, object?: number }} [part]
 */
async function vouchSigns(tools, { home }, image, { group, object } = {}) {
  const flags = [
    ...(group === undefined ? [] : ['--group-id', String(group)]),
    ...(object === undefined ? [] : ['--sif-id', String(object)]),
  ];
  await tools.mustVouch(
    ['sign', '--keysdir', home, '--password-file', '-', ...flags, image],
    `${PASSPHRASE}\n`,
  );
}

/**
 * @param {SifTools} tools
 * @param {Signer} signer
 * @param {string} image
 * @param {{ group?: number, object?: number }} [part]
 */
async function goSigns(tools, { secretRing }, image, { group, object } = {}) {
  const words = [
    ...(group === undefined ? [] : [`group=${group}`]),
    ...(object === undefined ? [] : [`object=${object}`]),
  ];
  const { code, text } = await tools.go(['sign', image, secretRing, ...words], `${PASSPHRASE}\n`);
  expect(code === 0, `Go did not sign: ${text}`);
}
