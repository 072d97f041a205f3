import { OutOfBytes } from './reader.ts';

/** Throws `OutOfBytes` unless `length` octets at `offset` lie within `size`. */
export function checkRange(offset: number, length: number, size: number): void {
  const whole = Number.isSafeInteger(offset) && Number.isSafeInteger(length);
  if (!whole || offset < 0 || length < 0 || length > size - offset) {
    throw new OutOfBytes(`${length} octets at ${offset} are not within the ${size} there are`);
  }
}
