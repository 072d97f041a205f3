/*
 * Adds an object to an image with the built program, and dies of SIGKILL when the named part has been written
 * but nothing after it. Usage: killed-change.mjs IMAGE content|table|header
 */
import { open } from 'node:fs/promises';
import { addObjects } from '../../build/sif/change-image.js';

const [path = '', at = ''] = process.argv.slice(2);
const probe = await open(path);
/** @type {{ write: (...args: unknown[]) => Promise<unknown> }} */
const prototype = Object.getPrototypeOf(probe);
await probe.close();
const { write } = prototype;

prototype.write = async function killing(...args) {
  const result = await write.apply(this, args);
  const [octets, , , position] = args;
  const length = octets instanceof Uint8Array ? octets.length : 0;
  const part = position === 0 ? 'header' : position === 4096 && length > 585 ? 'table' : 'content';
  if (part === at) process.kill(process.pid, 'SIGKILL');
  return result;
};

await addObjects(path, async () => [{ type: 0x4007, content: [Buffer.from('never whole')] }], { now: 5 });
