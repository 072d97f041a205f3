/** Upper-case hexadecimal digits, two an octet: the form fingerprints are written in. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex').toUpperCase();
}

/** The octets of an even number of hexadecimal digits of either case, or undefined. */
export function fromHex(digits: string): Uint8Array | undefined {
  return digits.length % 2 === 0 && /^[0-9a-f]*$/i.test(digits) ? Buffer.from(digits, 'hex') : undefined;
}
