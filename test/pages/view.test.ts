import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { htmlView } from '../../src/pages/view.ts';
import { certificateState, subkeyState, userIdState } from './certificate-states.ts';

const OWN_SCRIPT = /<script src="\/pages\.js\?v=[0-9a-f]{12}" defer><\/script>/u;

/** Tag names and attribute names of a page, in order: what a browser will act on. */
function skeleton(page: string): string[] {
  const tags = page.match(/<[^>]*>/gu) ?? [];
  return tags
    .map((tag) => tag.replaceAll(/"[^"]*"/gu, '""'))
    .filter((tag, index, all) => !isUnseen(tag, tags[index]) && !isUnseen(all[index - 1], tags[index - 1]));
}

/** The spans that `hostileText` adds hold a code point only. */
function isUnseen(_tag: string | undefined, original: string | undefined): boolean {
  return original === '<span class="unseen">';
}

function resultsPage(text: string): string {
  return htmlView.results({
    search: text,
    next: undefined,
    certificates: [
      certificateState({
        revoked: true,
        revocation: { at: 1_600_000_000, hard: true, code: 2, text: `${text}.` },
        algorithm: { number: 22, name: text, bits: 256, curve: text },
        userIds: [userIdState(text), userIdState(text, { revoked: true })],
      }),
    ],
  });
}

function statsPage(text: string): string {
  return htmlView.stats({
    values: { [text]: text },
    days: [{ day: 19_723, certificates: 1 }],
    now: 1_704_153_600,
  });
}

function revokedPage(hard: boolean): string {
  const revocation = { at: 1_600_000_000, hard, code: 0, text: '' };
  return htmlView.results({
    search: 'x',
    next: undefined,
    certificates: [certificateState({ revoked: true, revocation })],
  });
}

function pageBefore(next: string | undefined): string {
  return htmlView.results({ search: 'x', certificates: [certificateState()], next });
}

describe('pages with hostile text', () => {
  it('L21 show a script in a user ID, a search and a revocation reason as text', () => {
    const page = resultsPage('<script>alert(1)</script>');
    expect(page.match(/<script/gu)).toHaveLength(1);
    expect(page).toMatch(OWN_SCRIPT);
    expect(page.match(/&lt;script&gt;alert\(1\)&lt;\/script&gt;/gu)?.length).toBeGreaterThanOrEqual(5);
  });

  it('L21 keep a quote inside its attribute', () => {
    expect(resultsPage('" onmouseover="alert(1)')).toContain('value="&quot; onmouseover=&quot;alert(1)"');
  });

  it('L21 make no link out of javascript:', () => {
    const page = resultsPage('javascript:alert(1)');
    expect(page.match(/(?:href|src|action)="[^"]*"/gu)).not.toContainEqual(
      expect.stringContaining('javascript:'),
    );
  });

  it('L21 have the same elements and attributes whatever the text', () => {
    const plain = {
      results: skeleton(resultsPage('plain')),
      message: skeleton(htmlView.message({ title: 'plain', lines: ['plain'] })),
      stats: skeleton(statsPage('plain')),
    };
    const hostile = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '<script>',
        '"><img src=x onerror=alert(1)>',
        "' onfocus='",
        '</title><b>',
        '<!--',
        ']]>',
      ),
    );
    fc.assert(
      fc.property(hostile, (text) => {
        expect(skeleton(resultsPage(text))).toEqual(plain.results);
        expect(skeleton(htmlView.message({ title: text, lines: [text] }))).toEqual(plain.message);
        expect(skeleton(statsPage(text))).toEqual(plain.stats);
      }),
    );
  });

  it('L21 use no inline script, style or handler, so that a strict policy can be sent with them', () => {
    const pages = [
      htmlView.home({ certificates: 3, origin: 'https://keys.example.org' }),
      resultsPage('x'),
      statsPage('x'),
      htmlView.message({ title: 'x', lines: [] }),
    ];
    for (const page of pages) {
      expect(page.replace(OWN_SCRIPT, '')).not.toMatch(
        /<script|<style|\sstyle=|\son[a-z]+=|https?:\/\/(?!keys\.example\.org)/u,
      );
    }
  });
});

describe('the results page', () => {
  it('shows the whole fingerprint in groups of four, without spaces for whoever copies it', () => {
    const groups = '4ADB 0974 76BF 6D4D C0F7 F850 9703 1C0F 8C02 18C7'.split(' ');
    expect(resultsPage('x')).toContain(`<span>${groups.join('</span><wbr /><span>')}</span>`);
  });

  it('L16 says revoked, and not expired as well, when a key is both', () => {
    const page = htmlView.results({
      search: 'x',
      next: undefined,
      certificates: [certificateState({ revoked: true, expired: true, expires: 1_600_000_000 })],
    });
    expect(page).toContain('<strong class="flag revoked">revoked</strong>');
    expect(page).not.toContain('class="flag expired"');
  });

  it('L16 says expired', () => {
    const page = htmlView.results({
      search: 'x',
      next: undefined,
      certificates: [certificateState({ expired: true, expires: 1_600_000_000 })],
    });
    expect(page).toContain('<strong class="flag expired">expired</strong>');
    expect(page).toContain('<time datetime="2020-09-13T12:26:40.000Z">2020-09-13</time>');
  });

  it('tells a hard revocation from a soft one', () => {
    expect(revokedPage(true)).toContain('whenever it was signed');
    expect(revokedPage(false)).toContain('after that date');
    expect(revokedPage(false)).not.toContain('Reason given');
  });

  it('links to the armored key by its whole fingerprint', () => {
    expect(resultsPage('x')).toContain(
      'href="/pks/lookup?op=get&amp;search=0x4ADB097476BF6D4DC0F7F85097031C0F8C0218C7"',
    );
  });

  it('L7 links to the binary form of a version 6 key, which is served in no other', () => {
    const fingerprint = 'AB'.repeat(32);
    const page = htmlView.results({
      search: 'x',
      next: undefined,
      certificates: [certificateState({ version: 6, fingerprint })],
    });
    expect(page).toContain(`href="/pks/lookup?op=get&amp;options=bin&amp;search=0x${fingerprint}"`);
    expect(page).not.toContain('Armored public key');
  });

  it('F9 says that names are not checked', () => {
    expect(resultsPage('x')).toContain('Names and e-mail addresses are not checked');
  });

  it('links to the next page when there is one', () => {
    expect(pageBefore('/pks/lookup?op=index&search=x&x-pagetoken=abc')).toContain(
      'href="/pks/lookup?op=index&amp;search=x&amp;x-pagetoken=abc"',
    );
    expect(pageBefore(undefined)).not.toContain('rel="next"');
  });

  it('counts subkeys and the names that are too many', () => {
    const userIds = Array.from({ length: 9 }, (_, index) => userIdState(`Name ${index}`));
    const page = htmlView.results({
      search: 'x',
      next: undefined,
      certificates: [certificateState({ userIds, subkeys: [subkeyState(), subkeyState()] })],
    });
    expect(page).toContain(', 2 subkeys');
    expect(page).toContain('Name 3');
    expect(page).not.toContain('Name 4');
    expect(page).toContain('and 5 more');
  });

  it('says so when nothing was found', () => {
    const page = htmlView.results({ search: 'nobody', certificates: [], next: undefined });
    expect(page).toContain('No key for “<bdi>nobody</bdi>”');
  });
});

describe('the home page', () => {
  it('has a search form and a place for what it finds, and leads to pushing', () => {
    const page = htmlView.home({ certificates: 0, origin: undefined });
    expect(page).toMatch(/<form action="\/pks\/lookup" method="get"/u);
    expect(page).toContain('id="results"');
    expect(page).toContain('href="/push"');
  });

  it('H14 takes a pasted key and a file, and shows them before it stores them', () => {
    const page = htmlView.push();
    expect(page).toMatch(/<form[^>]*action="\/push\/preview"/u);
    expect(page).toMatch(/<textarea[^>]*name="keytext"/u);
    expect(page).toMatch(/enctype="multipart\/form-data"[\s\S]*<input[^>]*name="keytext"[^>]*type="file"/u);
  });

  it.each([
    ['https://keys.example.org', 'hkps://keys.example.org', 'https://keys.example.org'],
    ['http://127.0.0.1:11371', 'hkp://127.0.0.1:11371', 'http://127.0.0.1:11371'],
    ['http://keys.example.org/', 'hkp://keys.example.org:80', 'http://keys.example.org'],
    ['http://[::1]:8080', 'hkp://[::1]:8080', 'http://[::1]:8080'],
  ])('writes commands for %s', (origin, keyserver, url) => {
    const page = htmlView.home({ certificates: 0, origin });
    expect(page).toContain(`gpg --keyserver ${keyserver} --send-keys`);
    expect(page).toContain(`singularity key push --url ${url} FINGERPRINT`);
    expect(page).toContain(`apptainer key pull --url ${url} FINGERPRINT`);
    expect(page).toContain(`curl --data-urlencode keytext@key.asc ${url}/pks/add`);
    expect(page).not.toContain('KEYSERVER');
  });

  it('says what to put in when the address is not configured', () => {
    const page = htmlView.home({ certificates: 0, origin: undefined });
    expect(page).toContain('hkps://KEYSERVER');
    expect(page).toContain('public_url');
  });

  it('counts keys', () => {
    expect(htmlView.home({ certificates: 12_345, origin: undefined })).toMatch(/12,345\s+keys/u);
    expect(htmlView.home({ certificates: 1, origin: undefined })).toMatch(/\b1\s+key\./u);
  });
});
