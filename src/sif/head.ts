import { concatBytes } from '../bytes/compare.ts';
import { isUsed, readDescriptor } from './descriptor.ts';
import type { Descriptor } from './descriptor.ts';
import { SifError } from './error.ts';
import { isPrimaryPartition, PARTITION, PRIMARY_PARTITION, SYSTEM_PARTITION } from './extra.ts';
import { Fields } from './fields.ts';
import type { SifImage } from './image.ts';
import { DESCRIPTOR, DESCRIPTOR_OCTETS, HEADER, HEADER_OCTETS, MAGIC, NO_TIME, VERSION } from './layout.ts';

/** What the header says of the architecture when there is no primary partition. */
const NO_ARCHITECTURE: Uint8Array = Uint8Array.of(0x30, 0x30, 0);

/** Header and table of an image in memory: as they are, then as they are to be. */
export class Head {
  readonly header: Uint8Array;
  readonly table: Uint8Array;
  readonly #fields: Fields;

  private constructor(header: Uint8Array, table: Uint8Array) {
    this.header = header;
    this.table = table;
    this.#fields = new Fields(header);
  }

  /** Of an image that was read; `source` gives the table as it is in the file. */
  static async of({ header, source }: SifImage): Promise<Head> {
    const table =
      header.tableSize === 0 ? new Uint8Array() : await source.read(header.tableOffset, header.tableSize);
    return new Head(header.raw.slice(), table);
  }

  /** Of an image without objects. */
  static empty(start: {
    launchScript: Uint8Array;
    uuid: Uint8Array;
    time: number;
    tableOffset: number;
    slots: number;
  }): Head {
    const head = new Head(new Uint8Array(HEADER_OCTETS), new Uint8Array(start.slots * DESCRIPTOR_OCTETS));
    const fields = head.#fields;
    fields.setOctets(HEADER.launchScript, start.launchScript);
    fields.setOctets(HEADER.magic, MAGIC);
    fields.setOctets(HEADER.version, VERSION);
    fields.setOctets(HEADER.architecture, NO_ARCHITECTURE);
    fields.setOctets(HEADER.uuid, start.uuid);
    fields.setInteger(HEADER.created, start.time);
    fields.setInteger(HEADER.modified, start.time);
    fields.setInteger(HEADER.freeSlots, start.slots);
    fields.setInteger(HEADER.slots, start.slots);
    fields.setInteger(HEADER.tableOffset, start.tableOffset);
    fields.setInteger(HEADER.tableSize, head.table.length);
    fields.setInteger(HEADER.dataOffset, start.tableOffset + head.table.length);
    return head;
  }

  get tableOffset(): number {
    return this.#fields.rounded(HEADER.tableOffset);
  }

  /** Where the data end as the header counts them. */
  get dataEnd(): number {
    return this.#fields.rounded(HEADER.dataOffset) + this.#fields.rounded(HEADER.dataSize);
  }

  /** Made without UUID and times: changes leave such an image without times (sif v2 isDeterministic). */
  get deterministic(): boolean {
    const uuid = this.header.subarray(HEADER.uuid, HEADER.created);
    const times = [HEADER.created, HEADER.modified].map((at) => this.#fields.rounded(at));
    return uuid.every((octet) => octet === 0) && times.every((time) => time === NO_TIME);
  }

  descriptors(): Descriptor[] {
    const found: Descriptor[] = [];
    for (let slot = 0; slot * DESCRIPTOR_OCTETS < this.table.length; slot += 1) {
      const raw = this.#raw(slot);
      if (isUsed(raw, slot)) found.push(readDescriptor(raw, slot));
    }
    return found;
  }

  /**
   * The first free slot whose ID, which is its place counted from 1, no object has. Throws `TABLE_FULL`.
   */
  freeSlot(): number {
    const all = this.descriptors();
    const taken = new Set(all.flatMap(({ slot, id }) => [slot, id - 1]));
    const slots = this.table.length / DESCRIPTOR_OCTETS;
    for (let slot = 0; slot < slots; slot += 1) if (!taken.has(slot)) return slot;
    throw new SifError('TABLE_FULL', `all ${slots} descriptors are in use; delete an object first`);
  }

  /** The data end with the last object, whatever was deleted behind it. */
  countData(): void {
    const start = this.#fields.rounded(HEADER.dataOffset);
    const end = this.descriptors().reduce((most, { offset, size }) => Math.max(most, offset + size), start);
    this.#fields.setInteger(HEADER.dataSize, end - start);
  }

  /** Puts a descriptor into its slot, which is free. */
  fill(slot: number, raw: Uint8Array): Descriptor {
    const descriptor = readDescriptor(raw, slot);
    this.table.set(raw, slot * DESCRIPTOR_OCTETS);
    this.#count(-1);
    const dataSize = this.#fields.rounded(HEADER.dataSize);
    this.#fields.setInteger(HEADER.dataSize, dataSize + descriptor.sizePadded);
    if (isPrimaryPartition(descriptor)) this.#setArchitecture(descriptor);
    return descriptor;
  }

  /** Frees a descriptor. */
  clear(descriptor: Descriptor): void {
    this.#raw(descriptor.slot).fill(0);
    this.#count(1);
    if (isPrimaryPartition(descriptor)) {
      this.#fields.setOctets(HEADER.architecture, NO_ARCHITECTURE);
    }
  }

  /** Makes a system partition the primary one, and the primary one until now a system partition. */
  setPrimary(descriptor: Descriptor, time: number): void {
    for (const other of this.descriptors()) {
      if (isPrimaryPartition(other)) this.#setUse(other.slot, SYSTEM_PARTITION, time);
    }
    this.#setUse(descriptor.slot, PRIMARY_PARTITION, time);
    this.#setArchitecture(descriptor);
  }

  setModified(time: number): void {
    this.#fields.setInteger(HEADER.modified, time);
  }

  /** Header, whatever lies between (zeros when not given), and table, when they are written at once. */
  octets(between: Uint8Array = new Uint8Array(this.tableOffset - HEADER_OCTETS)): Uint8Array {
    return concatBytes([this.header, between, this.table]);
  }

  #raw(slot: number): Uint8Array {
    return this.table.subarray(slot * DESCRIPTOR_OCTETS, (slot + 1) * DESCRIPTOR_OCTETS);
  }

  #count(difference: number): void {
    this.#fields.setInteger(HEADER.freeSlots, this.#fields.rounded(HEADER.freeSlots) + difference);
  }

  #setArchitecture({ extra }: Descriptor): void {
    this.#fields.setOctets(HEADER.architecture, extra.subarray(PARTITION.architecture, PARTITION.end));
  }

  #setUse(slot: number, use: number, time: number): void {
    const fields = new Fields(this.#raw(slot));
    fields.setUint32(DESCRIPTOR.extra + PARTITION.use, use);
    fields.setInteger(DESCRIPTOR.modified, time);
  }
}
