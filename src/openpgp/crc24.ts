const POLYNOMIAL = 0x864cfb;
const INITIAL = 0xb704ce;

const TABLE: Uint32Array = Uint32Array.from({ length: 256 }, (_, octet) => {
  let crc = octet << 16;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x800000 ? (crc << 1) ^ POLYNOMIAL : crc << 1;
  return crc & 0xffffff;
});

/** The checksum of ASCII armor (RFC 9580 §6.1.1). */
export function crc24(bytes: Uint8Array): number {
  let crc = INITIAL;
  for (const octet of bytes) crc = ((crc << 8) & 0xffffff) ^ (TABLE[((crc >>> 16) ^ octet) & 0xff] ?? 0);
  return crc;
}
