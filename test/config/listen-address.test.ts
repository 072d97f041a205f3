import { describe, expect, it } from 'vitest';
import { parseListenAddress } from '../../src/config/listen-address.ts';

describe('parseListenAddress', () => {
  it.each([
    ['127.0.0.1:11371', { host: '127.0.0.1', port: 11371 }],
    ['0.0.0.0:0', { host: '0.0.0.0', port: 0 }],
    ['[::1]:11371', { host: '::1', port: 11371 }],
    ['localhost:65535', { host: 'localhost', port: 65535 }],
    ['keys.example.org:80', { host: 'keys.example.org', port: 80 }],
  ])('reads %s', (text, address) => {
    expect(parseListenAddress(text)).toEqual(address);
  });

  it.each([
    ['', 'nothing'],
    ['11371', 'no host'],
    [':11371', 'an empty host'],
    ['127.0.0.1', 'no port'],
    ['127.0.0.1:', 'an empty port'],
    ['127.0.0.1:65536', 'a port that is too large'],
    ['127.0.0.1:-1', 'a negative port'],
    ['127.0.0.1:1e3', 'a port that is not decimal'],
    ['300.1.1.1:80', 'an octet that is too large'],
    ['1.2.3:80', 'half an address'],
    ['::1:11371', 'IPv6 without brackets'],
    ['[127.0.0.1]:80', 'IPv4 in brackets'],
    ['[::1]', 'brackets without a port'],
    ['unix:/run/vouch.sock', 'a socket path'],
    ['http://127.0.0.1:80', 'a URL'],
    ['-x:80', 'a host that begins with a hyphen'],
  ])('refuses "%s": %s', (text) => {
    expect(parseListenAddress(text)).toBeUndefined();
  });
});
