import { isIP } from 'node:net';

/** Where a server listens. Port 0 lets the system choose a free one. */
export interface ListenAddress {
  /** An IP address without brackets, or a host name. */
  readonly host: string;
  readonly port: number;
}

/** What `parseListenAddress` accepts, for messages. */
export const LISTEN_ADDRESS_FORM = 'must be HOST:PORT, such as "127.0.0.1:11371" or "[::1]:11371"';

// RFC 1123 §2.1: labels of letters, digits and hyphens.
const HOST_NAME = /^(?!-)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*$/i;
const ADDRESS = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/;

/** The address a text names, or undefined when it does not have the form. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const [, six = '', host = '', digits] = ADDRESS.exec(text) ?? [];
  const port = Number(digits);
  if (!(port <= 65535)) return undefined;
  if (isIP(six) === 6) return { host: six, port };
  return isIP(host) === 4 || isHostName(host) ? { host, port } : undefined;
}

function isHostName(text: string): boolean {
  // "1.2.3" and "300.1.1.1" have the form too, and would fail later with a riddle.
  return HOST_NAME.test(text) && !/^[\d.]+$/.test(text);
}
