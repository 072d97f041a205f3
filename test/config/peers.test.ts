import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadServerConfig } from '../../src/config/load-server-config.ts';
import type { PeerSettings } from '../../src/config/server-config.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vouch-config-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function peersOf(toml: string): readonly PeerSettings[] {
  const config = join(folder, 'server.toml');
  writeFileSync(config, toml);
  return loadServerConfig({ flags: { config }, environment: {} }).peers;
}

const KEY = 'ab'.repeat(20);

describe('the settings of peers', () => {
  it('are none by default', () => {
    expect(peersOf('')).toEqual([]);
  });

  it('take what the shipped server.toml shows', () => {
    const shipped = readFileSync(new URL('../../config/server.toml', import.meta.url), 'utf8');
    const [before = '', shown = ''] = shipped.split('# [[peer]]');
    const uncommented = shown.replace(/^# (?=[a-z_]+ = )/gm, '');
    expect(peersOf(`${before}[[peer]]${uncommented}`)).toEqual([
      {
        name: 'keys.example.net',
        url: 'https://keys.example.net',
        pull: 'changes',
        fingerprints: [],
        searches: [],
        push: false,
        tokenFile: '/etc/vouch/peer.token',
        schedule: '*/5 * * * *',
      },
    ]);
  });

  it('take what docs/peers.md shows', () => {
    const page = readFileSync(new URL('../../docs/peers.md', import.meta.url), 'utf8');
    const [, example = ''] = /```toml\n([\s\S]*?)```/.exec(page) ?? [];
    expect(peersOf(example).map(({ name, pull }) => [name, pull])).toEqual([
      ['keys.example.net', 'changes'],
      ['keys.openpgp.org', 'list'],
    ]);
  });

  it('name a peer by its host when they do not say how', () => {
    const [one, two] = peersOf(
      '[[peer]]\nurl = "hkp://keys.example.org"\npush = true\n[[peer]]\nurl = "http://127.0.0.1:8080/"\npush = true\n',
    );
    expect([one?.name, two?.name]).toEqual(['keys.example.org', '127.0.0.1:8080']);
  });

  it('take fingerprints as people paste them', () => {
    const [peer] = peersOf(`[[peer]]\nurl = "hkp://a"\npull = "list"\nfingerprints = ["0x${KEY}"]`);
    expect(peer?.fingerprints).toEqual([KEY.toUpperCase()]);
  });

  it.each([
    ['no address', 'push = true', 'peer[0].url'],
    ['an address of something else', 'url = "ftp://a"\npush = true', 'peer[0].url'],
    ['a password in the address', 'url = "https://me:secret@a"\npush = true', 'peer[0].url'],
    ['nothing to do', 'url = "https://a"', 'needs "pull" or "push"'],
    ['a list of nothing', 'url = "https://a"\npull = "list"', 'needs "fingerprints" or "searches"'],
    [
      'a list that nothing uses',
      `url = "https://a"\npush = true\nsearches = ["a@b.org"]`,
      'only pull = "list"',
    ],
    [
      'a search that is no address',
      'url = "https://a"\npull = "list"\nsearches = ["alice"]',
      'peer[0].searches',
    ],
    [
      'a key ID for a fingerprint',
      'url = "https://a"\npull = "list"\nfingerprints = ["abcdef01"]',
      'fingerprints[0]',
    ],
    ['another pull', 'url = "https://a"\npull = "all"', 'must be one of "changes", "list"'],
    ['a schedule that is none', 'url = "https://a"\npush = true\nschedule = "often"', 'peer[0].schedule'],
    ['a name that is none', 'url = "https://a"\npush = true\nname = "a b"', 'peer[0].name'],
    [
      'a slip of the pen',
      'url = "https://a"\npushh = true',
      'peer[0].pushh is not a setting; did you mean "push"?',
    ],
    [
      'the same name twice',
      'url = "https://a"\npush = true\n[[peer]]\nurl = "http://a"\npush = true',
      'different names',
    ],
  ])('refuse %s', (_, toml, message) => {
    expect(() => peersOf(`[[peer]]\n${toml}`)).toThrow(message);
  });

  it('do not repeat a password', () => {
    expect(() => peersOf('[[peer]]\nurl = "https://me:secret@a"\npush = true')).not.toThrow('secret');
  });
});
