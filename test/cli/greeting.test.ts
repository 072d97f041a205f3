import { describe, expect, it } from 'vitest';
import { greeting } from '../../src/cli/greeting.ts';

const facts = {
  url: 'http://127.0.0.1:11371',
  publicUrl: undefined,
  store: 'var/keystore',
  certificates: 0,
};

describe('greeting', () => {
  it('begins with the line that scripts read', () => {
    expect(greeting(facts)).toMatch(/^Vouch keystore: http:\/\/127\.0\.0\.1:11371\n/);
  });

  it.each([
    ['http://0.0.0.0:8080', undefined, 'hkp://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['http://[::]:8080', undefined, 'hkp://[::1]:8080', 'http://[::1]:8080'],
    ['http://127.0.0.1:1', 'https://keys.example.org', 'hkps://keys.example.org', 'https://keys.example.org'],
    ['http://127.0.0.1:1', 'https://h:8443/vouch', 'hkps://h:8443/vouch', 'https://h:8443/vouch'],
    ['http://127.0.0.1:1', 'http://keys.example.org', 'hkp://keys.example.org:80', 'http://keys.example.org'],
  ])('names for %s with public address %s what clients can reach', (url, publicUrl, keyserver, reach) => {
    const text = greeting({ ...facts, url, publicUrl });
    expect(text).toContain(`gpg --keyserver ${keyserver} --send-keys`);
    expect(text).toContain(`singularity key push --url ${reach} `);
    expect(text).toContain(`curl '${reach}/pks/lookup`);
  });
});
