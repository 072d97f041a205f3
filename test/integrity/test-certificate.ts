/* X.509 certificates made to order: any extensions, any dates, any issuer. The DER is put together here. */
import { generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

export const OIDS = {
  codeSigning: '1.3.6.1.5.5.7.3.3',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  anyUsage: '2.5.29.37.0',
} as const;

function der(tag: number, ...parts: Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const octets = [40 * first + second, ...rest].flatMap((arc) => {
    const digits = [arc & 0x7f];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) {
      digits.unshift((left & 0x7f) | 0x80);
    }
    return digits;
  });
  return der(0x06, Buffer.from(octets));
}

const sequence = (...parts: Uint8Array[]): Buffer => der(0x30, ...parts);
const integer = (value: number): Buffer => der(0x02, Buffer.of(value));
const name = (text: string): Buffer =>
  sequence(der(0x31, sequence(oid('2.5.4.3'), der(0x0c, Buffer.from(text)))));
const time = (at: number): Buffer =>
  der(0x18, Buffer.from(new Date(at * 1000).toISOString().replace(/[-:T]|\.\d+/g, '')));

function extension(id: string, critical: boolean, value: Uint8Array): Buffer {
  return sequence(oid(id), ...(critical ? [der(0x01, Buffer.of(0xff))] : []), der(0x04, value));
}

export interface CertificateOptions {
  name?: string;
  /** Its own issuer when not given. */
  issuer?: TestCertificate;
  /** Seconds since 1970. */
  from?: number;
  to?: number;
  ca?: boolean;
  pathLength?: number;
  /** First octet of the key usage. */
  keyUsage?: number;
  usages?: readonly string[];
  /** DNS names it is for. */
  names?: readonly string[];
  /** Object ID of a critical extension. */
  critical?: string;
  keys?: { publicKey: KeyObject; privateKey: KeyObject };
  /** Object ID of the algorithm that the issuer says it signs with, and its hash. */
  algorithm?: { id: string; hash: string | null };
  broken?: boolean;
}

/** 2020-04-01 to 2030-04-01. */
const FROM = 1_585_699_200;
const TO = 1_901_232_000;
const ED25519 = { id: '1.3.101.112', hash: null };

export class TestCertificate {
  readonly name: string;
  readonly pem: Buffer;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;

  constructor(options: CertificateOptions = {}) {
    const { publicKey, privateKey } = options.keys ?? generateKeyPairSync('ed25519');
    this.name = options.name ?? 'leaf';
    this.publicKey = publicKey;
    this.privateKey = privateKey;
    const { issuer = this, algorithm = ED25519 } = options;
    const body = sequence(
      der(0xa0, integer(2)),
      integer(7),
      sequence(oid(algorithm.id)),
      name(issuer.name),
      sequence(time(options.from ?? FROM), time(options.to ?? TO)),
      name(this.name),
      publicKey.export({ type: 'spki', format: 'der' }),
      ...extensionsOf(options),
    );
    const signature = sign(algorithm.hash, body, issuer.privateKey);
    if (options.broken === true) signature[8] = (signature[8] ?? 0) ^ 0xff;
    const octets = sequence(body, sequence(oid(algorithm.id)), der(0x03, Buffer.of(0), signature));
    const base64 = octets.toString('base64').replace(/(.{64})(?=.)/g, '$1\n');
    this.pem = Buffer.from(`-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`);
  }
}

function extensionsOf({ ca, pathLength, keyUsage, usages, names, critical }: CertificateOptions): Buffer[] {
  const all: Buffer[] = [];
  if (ca === true) {
    const length = pathLength === undefined ? [] : [integer(pathLength)];
    all.push(extension('2.5.29.19', true, sequence(der(0x01, Buffer.of(0xff)), ...length)));
  }
  if (keyUsage !== undefined) all.push(extension('2.5.29.15', true, der(0x03, Buffer.of(0, keyUsage))));
  if (usages !== undefined) all.push(extension('2.5.29.37', false, sequence(...usages.map(oid))));
  if (names !== undefined) {
    const dnsNames = names.map((dns) => der(0x82, Buffer.from(dns)));
    all.push(extension('2.5.29.17', false, sequence(...dnsNames)));
  }
  if (critical !== undefined) all.push(extension(critical, true, sequence()));
  return all.length === 0 ? [] : [der(0xa3, sequence(...all))];
}
