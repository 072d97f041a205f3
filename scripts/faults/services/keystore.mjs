/* The keystore, whose disk becomes read-only while it runs. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { armor } from '../../../build/openpgp/armor.js';
import { ed25519Primary, writeCertificate } from '../../bench/certificate-writer.mjs';
import { startServer } from '../../interop/server-process.mjs';
import { whileReadOnly } from '../read-only.mjs';
import { must } from '../store.mjs';

/** In seconds since 1970. */
const CREATED = 1_704_067_200;

const addressOf = (/** @type {string} */ name) => `${name}@example.org`;

/**
 * @param {string} url
 * @param {string} name
 */
async function push(url, name) {
  const userIds = [`${name} <${addressOf(name)}>`];
  const keytext = armor(writeCertificate(ed25519Primary(CREATED), CREATED, { userIds }));
  return (await fetch(`${url}/pks/add`, { method: 'POST', body: new URLSearchParams({ keytext }) })).status;
}

/**
 * @param {string} url
 * @param {string} name
 */
async function look(url, name) {
  const search = encodeURIComponent(addressOf(name));
  return (await fetch(`${url}/pks/lookup?op=get&exact=on&search=${search}`)).status;
}

/** @param {string} folder */
export async function readOnlyWhileItRuns(folder) {
  await mkdir(folder);
  const data = path.join(folder, 'data');
  const server = await startServer({ data });
  try {
    must((await push(server.url, 'before')) === 200, 'a push before is taken');
    await whileReadOnly(server.pid, data, async () => {
      must((await push(server.url, 'during')) === 507, 'a push is answered with 507');
      must((await look(server.url, 'before')) === 200, 'lookups go on');
      must((await look(server.url, 'during')) === 404, 'what was refused is not there');
      const ready = await fetch(`${server.url}/readyz`);
      must(ready.status === 503, '/readyz is 503');
      must(/WRITE_FAILED.*restart/s.test(await ready.text()), '/readyz says why, and what to do');
    });
    must((await look(server.url, 'before')) === 200, 'lookups go on afterwards');
    must((await push(server.url, 'after')) === 507, 'nothing is taken until the restart');
  } finally {
    must((await server.stop()) === 0, 'it ends in order');
  }
  const again = await startServer({ data });
  try {
    must((await look(again.url, 'before')) === 200, 'what was acknowledged is there after a restart');
    must((await push(again.url, 'after')) === 200, 'pushes are taken after a restart');
    must((await fetch(`${again.url}/readyz`)).status === 200, 'it is ready after a restart');
  } finally {
    await again.stop();
  }
}
