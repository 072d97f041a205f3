/* The trust daemon, whose disk becomes read-only while it runs. */
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { prepareHost } from '../../bench/admit-host.mjs';
import { ed25519Primary, writeCertificate } from '../../bench/certificate-writer.mjs';
import { ask, startDaemon } from '../../interop/daemon-process.mjs';
import { whileReadOnly } from '../read-only.mjs';
import { must } from '../store.mjs';

/** In seconds since 1970. */
const CREATED = 1_704_067_200;

/** @param {string} folder */
export async function readOnlyWhileItRuns(folder) {
  await mkdir(folder);
  const host = await prepareHost(folder);
  await appendFile(host.config, '[log]\nsync = "each"\n');
  const daemon = await startDaemon(host);
  const admit = async () => {
    const { text } = await ask(daemon.socket, 'POST', '/v1/admit', { images: [{ path: host.image }] });
    const { effective } = JSON.parse(text);
    return { text, effective };
  };
  /** A key that this host had not before. */
  const newKey = async (/** @type {string} */ name) => {
    const userIds = [`${name} <${name}@example.org>`];
    const octets = writeCertificate(ed25519Primary(CREATED), CREATED, { userIds });
    await writeFile(path.join(host.keys, `${name}.pgp`), octets);
    return (await ask(daemon.socket, 'POST', '/v1/keys/refresh', {})).status;
  };
  const keys = async () => (await ask(daemon.socket, 'GET', '/v1/keys')).text;
  try {
    must((await admit()).effective === 'admit', 'the image may run before');
    await whileReadOnly(daemon.pid, path.join(folder, 'state'), async () => {
      const { effective, text } = await admit();
      must(effective === 'refuse' && text.includes('LOG_UNAVAILABLE'), 'what cannot be logged is refused');
      const ready = await ask(daemon.socket, 'GET', '/readyz');
      must(ready.status === 503 && ready.text.includes('read-only'), '/readyz says why');
      must((await newKey('during')) === 500, 'that a key could not be written is told');
      must((await keys()).includes('during@example.org'), 'what was seen counts all the same');
    });
    must((await admit()).effective === 'admit', 'it goes on by itself');
    must((await ask(daemon.socket, 'GET', '/readyz')).status === 200, 'it is ready again');
    must((await newKey('after')) === 200, 'keys are written again');
  } finally {
    must((await daemon.stop()) === 0, 'it ends in order');
  }
  const again = await startDaemon(host);
  try {
    must((await ask(again.socket, 'GET', '/readyz')).status === 200, 'it is ready after a restart');
    must(!again.log().includes('state_damaged'), 'nothing that was written after the fault is lost');
  } finally {
    await again.stop();
  }
}
