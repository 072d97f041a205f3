const POLYNOMIAL = 0x864cfb;
const INITIAL = 0xb704ce;

/** What an octet becomes, with none, one and two octets behind it. */
const [LAST, MIDDLE, FIRST] = tables();

function tables(): [Uint32Array, Uint32Array, Uint32Array] {
  const last = Uint32Array.from({ length: 256 }, (_, octet) => {
    let crc = octet << 16;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x800000 ? (crc << 1) ^ POLYNOMIAL : crc << 1;
    return crc & 0xffffff;
  });
  const behind = (table: Uint32Array): Uint32Array =>
    table.map((crc) => ((crc << 8) & 0xffffff) ^ (last[crc >>> 16] ?? 0));
  const middle = behind(last);
  return [last, middle, behind(middle)];
}

/** The checksum of ASCII armor (RFC 9580 §6.1.1). Takes three octets at a time, as many as it has itself. */
export function crc24(bytes: Uint8Array): number {
  let crc = INITIAL;
  let at = 0;
  for (; at + 2 < bytes.length; at += 3) {
    crc ^= ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    crc = (FIRST[crc >>> 16] ?? 0) ^ (MIDDLE[(crc >>> 8) & 0xff] ?? 0) ^ (LAST[crc & 0xff] ?? 0);
  }
  for (; at < bytes.length; at += 1) {
    crc = ((crc << 8) & 0xffffff) ^ (LAST[((crc >>> 16) ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
  }
  return crc;
}
