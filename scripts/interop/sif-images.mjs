import { open, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * Images as siftool makes them, by what is in them.
 *
 * @type {Readonly<Record<string, readonly (readonly string[])[]>>}
 */
export const SHAPES = {
  'one group': [
    ['--datatype', '1', '--groupid', '1'],
    ['--datatype', '6', '--groupid', '1'],
    ['--datatype', '4', '--partfs', '1', '--parttype', '2', '--partarch', '2', '--groupid', '1'],
  ],
  'two groups': [
    ['--datatype', '4', '--partfs', '1', '--parttype', '2', '--partarch', '2', '--groupid', '1'],
    ['--datatype', '4', '--partfs', '2', '--parttype', '4', '--partarch', '2', '--groupid', '2'],
  ],
  'group of one': [['--datatype', '7', '--groupid', '3']],
};

/**
 * @param {import('./sif-tools.mjs').SifTools} tools
 * @param {'siftool' | 'vouch'} maker
 * @param {string} image
 * @param {readonly (readonly string[])[]} objects flags of `add`
 */
export async function makeImage(tools, maker, image, objects) {
  /** @param {readonly string[]} args */
  const make = (args) => (maker === 'siftool' ? tools.siftool(args) : tools.mustVouch(['sif', ...args]));
  const content = `${image}.content`;
  await make(['new', image]);
  for (const [i, flags] of objects.entries()) {
    await writeFile(content, Buffer.alloc(3000 + 5000 * i, `content of object ${i + 1}\n`));
    await make(['add', image, content, ...flags]);
  }
}

/**
 * What somebody may do to a signed image. Offsets are those of the format: header, then 585 octets for each
 * descriptor from 4096 on.
 *
 * @type {Readonly<Record<string, (image: string, tools: import('./sif-tools.mjs').SifTools) => Promise<void>>>}
 */
export const TAMPERING = {
  'launch script changed': (image) => flip(image, 3),
  'UUID changed': (image) => flip(image, 50),
  'name of an object changed': (image) => flip(image, 4096 + 73),
  'kind of a partition changed': async (image) => flip(image, (await partition(image)) + 201 + 4),
  'last octet of an object changed': async (image) => flip(image, await lastOctet(image)),
  'signature changed': async (image) => flip(image, await signatureOctet(image)),
  'object added to the group': async (image, tools) => {
    await writeFile(`${image}.more`, 'added');
    await tools.siftool(['add', image, `${image}.more`, '--datatype', '7', '--groupid', '1']);
  },
  'overlay added in a group of its own': async (image, tools) => {
    await writeFile(`${image}.more`, 'added');
    const flags = ['--partfs', '2', '--parttype', '4', '--partarch', '2', '--groupid', '9'];
    await tools.siftool(['add', image, `${image}.more`, '--datatype', '4', ...flags]);
  },
  'signature deleted': async (image, tools) => {
    await tools.siftool(['del', String(await signatureId(image)), image]);
  },
};

/**
 * @param {string} image
 * @param {number} at
 */
async function flip(image, at) {
  const file = await open(image, 'r+');
  try {
    const octet = Buffer.alloc(1);
    await file.read(octet, 0, 1, at);
    octet.writeUInt8(octet.readUInt8() ^ 1);
    await file.write(octet, 0, 1, at);
  } finally {
    await file.close();
  }
}

/**
 * The used descriptors: type, ID, offset, size and where each begins (sif v2 pkg/sif/sif.go).
 *
 * @param {string} image
 */
async function descriptors(image) {
  const octets = await readFile(image);
  const found = [];
  for (let at = 4096; at + 585 <= 32_176; at += 585) {
    if (octets.readUInt8(at + 4) !== 1) continue;
    const offset = Number(octets.readBigInt64LE(at + 17));
    const size = Number(octets.readBigInt64LE(at + 25));
    found.push({ at, type: octets.readInt32LE(at), id: octets.readUInt32LE(at + 5), offset, size });
  }
  return found;
}

/**
 * @param {string} image
 * @param {number} type
 */
async function first(image, type) {
  const found = (await descriptors(image)).find((one) => one.type === type);
  if (found === undefined) throw new Error(`no object of type ${type} in ${path.basename(image)}`);
  return found;
}

/** @param {string} image */
async function partition(image) {
  return (await first(image, 0x4004)).at;
}

/** @param {string} image */
async function lastOctet(image) {
  const { offset, size } = await first(image, 0x4004);
  return offset + size - 1;
}

/** @param {string} image */
async function signatureId(image) {
  return (await first(image, 0x4005)).id;
}

/**
 * An octet in the middle of the armor of the signature, not of the text.
 *
 * @param {string} image
 */
async function signatureOctet(image) {
  const { offset, size } = await first(image, 0x4005);
  return offset + size - 100;
}
