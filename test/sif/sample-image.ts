import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSif } from '../../src/sif/create-image.ts';
import { DATA_TYPE } from '../../src/sif/data-type.ts';
import { Fields } from '../../src/sif/fields.ts';
import { DESCRIPTOR, DESCRIPTOR_OCTETS, HEADER, TABLE_OFFSET } from '../../src/sif/layout.ts';
import type { ObjectInput } from '../../src/sif/object-input.ts';
import { partitionExtra, signatureExtra } from '../../src/sif/write-extra.ts';
import { inTempFolder } from './temporary-folder.ts';

/** JSON object 1 and primary partition 2 in group 1, signature 3 of the group; the image of the attack cases. */
export const SAMPLE: readonly ObjectInput[] = [
  { type: DATA_TYPE.json, name: 'data.json', content: [Buffer.from('{"a":1}')] },
  {
    type: DATA_TYPE.partition,
    content: [new Uint8Array(4096).fill(7)],
    extra: partitionExtra(1, 2, 'amd64'),
  },
  {
    type: DATA_TYPE.signature,
    groupId: 0,
    link: { kind: 'group', id: 1 },
    content: [Buffer.from('-----BEGIN PGP SIGNED MESSAGE-----\n')],
    extra: signatureExtra(1, new Uint8Array(20).fill(0xab)),
  },
];

export async function imageOf(inputs: readonly ObjectInput[], slots = 48): Promise<Buffer> {
  return inTempFolder(async (folder) => {
    const path = join(folder, 'sample.sif');
    await createSif(path, inputs, {
      now: 1_700_000_000,
      uuid: '3fa802cc-358b-45e3-bcc0-69dc7a45f9f8',
      slots,
    });
    return readFile(path);
  });
}

/** Changes an image in memory, as an attacker does. */
export class Forger {
  readonly bytes: Buffer;
  readonly #fields: Fields;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes);
    this.#fields = new Fields(this.bytes);
  }

  header(field: keyof typeof HEADER, value: number | bigint): this {
    this.#fields.setInteger(HEADER[field], Number(value));
    if (typeof value === 'bigint') this.bytes.writeBigInt64LE(value, HEADER[field]);
    return this;
  }

  /** A field of 8 octets of the descriptor in a slot, counted from 0. */
  long(slot: number, field: keyof typeof DESCRIPTOR, value: number | bigint): this {
    this.bytes.writeBigInt64LE(BigInt(value), this.at(slot, field));
    return this;
  }

  /** A field of 4 octets. */
  int(slot: number, field: keyof typeof DESCRIPTOR, value: number): this {
    this.bytes.writeUInt32LE(value, this.at(slot, field));
    return this;
  }

  octet(slot: number, field: keyof typeof DESCRIPTOR, value: number): this {
    this.bytes.writeUInt8(value, this.at(slot, field));
    return this;
  }

  /** Copies the descriptor of one slot to another, and counts it. */
  copy(from: number, to: number): this {
    this.bytes.copy(this.bytes, this.at(to, 'type'), this.at(from, 'type'), this.at(from + 1, 'type'));
    return this.header('freeSlots', Number(this.bytes.readBigInt64LE(HEADER.freeSlots)) - 1);
  }

  at(slot: number, field: keyof typeof DESCRIPTOR): number {
    return TABLE_OFFSET + slot * DESCRIPTOR_OCTETS + DESCRIPTOR[field];
  }
}
