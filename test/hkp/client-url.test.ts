import { expect, it } from 'vitest';
import { serverUrl } from '../../src/hkp/client/server-url.ts';

it.each([
  ['https://keys.example.org', 'https://keys.example.org/'],
  ['http://localhost:11371/', 'http://localhost:11371/'],
  ['hkp://keys.example.org', 'http://keys.example.org:11371/'],
  ['hkp://keys.example.org:80', 'http://keys.example.org/'],
  ['HKPS://keys.example.org', 'https://keys.example.org/'],
  ['hkps://keys.example.org:8443/path', 'https://keys.example.org:8443/path'],
  ['hkp://[::1]', 'http://[::1]:11371/'],
])('takes %s for %s', (text, href) => {
  expect(serverUrl(text).href).toBe(href);
});

it.each(['', 'keys.example.org', 'ldap://keys.example.org', 'file:///etc/passwd', 'https://', 'http://a b'])(
  'refuses %j, and says how to write one',
  (text) => {
    expect(() => serverUrl(text)).toThrow(expect.objectContaining({ code: 'BAD_URL' }));
  },
);

it('refuses a password in the address without repeating it', () => {
  const refusal = expect.objectContaining({
    code: 'BAD_URL',
    message: expect.not.stringContaining('hunter2') as string,
  });
  expect(() => serverUrl('https://me:hunter2@keys.example.org')).toThrow(refusal);
});
