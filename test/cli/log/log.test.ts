import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import yargs from 'yargs';
import { describe, expect, it } from 'vitest';
import type { Run } from '../../../src/cli/choose.ts';
import { logCommands } from '../../../src/cli/log/commands.ts';
import { selectionOf } from '../../../src/cli/log/query-options.ts';
import type { DecisionLog } from '../../../src/admission/log/record.ts';
import { ALICE, decided, DIGEST, event, image, START, withLogFolder } from '../../admission/log/logs.ts';
import type { LogFolder } from '../../admission/log/logs.ts';

interface Answer {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

async function vouchLog(words: readonly string[]): Promise<Answer> {
  let [out, err] = ['', ''];
  const terminal = {
    watched: false,
    columns: 80,
    out: (text: string | Uint8Array) => Promise.resolve(void (out += String(text))),
    err: (text: string) => void (err += text),
  };
  const state: Run = { terminal, chosen: { command: '', form: '', known: [] }, exitCode: 0 };
  await logCommands(yargs([...words]), state)
    .exitProcess(false)
    .fail((message: string | null, error: unknown) => {
      throw error ?? new Error(message ?? '');
    })
    .parseAsync();
  return { exitCode: state.exitCode, out, err };
}

const BOB = 'B0B'.padEnd(40, '0');

/** A start, an admission, a refusal in the folder /srv/dev by user 1001, and one that audit mode let pass. */
async function written(given: LogFolder): Promise<DecisionLog> {
  const log = await given.open();
  await log.append(event('started', { version: '1\u001b[2J' }));
  await log.append(decided({ decision_id: 'd1' }));
  const reasons = [{ code: 'KEY_REVOKED_HARD', action: 'enforce', text: 'revoked' }] as const;
  const signers = image().signers.map(({ name: _name, ...signer }) => ({
    ...signer,
    fingerprint: BOB,
    source: 'REMOTE' as const,
    counts: false,
  }));
  const refused = image({
    path: '/srv/dev/a\nb.sif',
    verdict: 'refuse',
    effective: 'refuse',
    reasons,
    signers,
    sha256: 'ef'.repeat(32),
  });
  await log.append(
    decided({
      decision_id: 'd2',
      time: '2026-11-23T08:00:00.000Z',
      verdict: 'refuse',
      effective: 'refuse',
      reasons,
      images: [refused],
      caller: { uid: 1001, attested: 'socket' },
    }),
  );
  const audited = image({ verdict: 'refuse', effective: 'admit', reasons });
  const mode = { mode: 'audit', would: 'refuse', verdict: 'refuse', effective: 'admit' } as const;
  await log.append(
    decided({ decision_id: 'd3', time: '2026-11-24T08:00:00.000Z', ...mode, images: [audited] }),
  );
  return log;
}

describe('vouch log tail', () => {
  it('shows a line for each decision, and nothing that moves the cursor', async () => {
    await withLogFolder(async (given) => {
      await written(given);
      const { out, exitCode } = await vouchLog(['tail', '-n', '4', '--log', given.folder]);
      expect(exitCode).toBe(0);
      expect(out.split('\n')).toEqual([
        '2026-11-22T12:00:00Z  event        started version=1\ufffd[2J',
        '2026-11-22T12:00:00Z  admit        /srv/containers/app.sif  rule prod  uid 1000  [LOCAL] alice',
        `2026-11-23T08:00:00Z  refuse       /srv/dev/a\ufffdb.sif  rule prod  uid 1001  KEY_REVOKED_HARD  [REMOTE] ${BOB}`,
        '2026-11-24T08:00:00Z  admit!refuse /srv/containers/app.sif  rule prod  uid 1000  KEY_REVOKED_HARD  [LOCAL] alice',
        '',
      ]);
      const json = await vouchLog(['tail', '-n', '1', '--json', '--log', given.folder]);
      expect(JSON.parse(json.out)).toMatchObject({ seq: 5, decision_id: 'd3' });
    });
  });

  it('says USAGE for a number that is none, and NO_SUCH_FILE where there is no log', async () => {
    await expect(vouchLog(['tail', '-n', '-1', '--log', '/'])).rejects.toMatchObject({ code: 'USAGE' });
    await expect(vouchLog(['tail', '--log', '/nonexistent'])).rejects.toMatchObject({ code: 'NO_SUCH_FILE' });
    const both = ['tail', '--log', '/', '--config', '/x.toml'];
    await expect(vouchLog(both)).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('finds the log by the settings of the daemon', async () => {
    await withLogFolder(async (given) => {
      await written(given);
      const settings = join(given.folder, 'daemon.toml');
      await writeFile(
        settings,
        `state = "${given.folder}/state"\nkeys = "/k"\nkeystores = []\n[log]\nfolder = "${given.folder}"\n`,
      );
      expect((await vouchLog(['tail', '--config', settings])).out).toContain('alice');
    });
  });
});

describe('vouch log query', () => {
  it.each([
    [
      ['--since', '2026-11-23'],
      ['d2', 'd3'],
    ],
    [['--until', '2026-11-23T08:00:00'], ['d1']],
    [['--since', '2026-11-23T09:00:00+01:00', '--until', '2026-11-23T08:00:01Z'], ['d2']],
    [['--uid', '1001'], ['d2']],
    [
      ['--verdict', 'refuse'],
      ['d2', 'd3'],
    ],
    [
      ['--code', 'key_revoked_hard'],
      ['d2', 'd3'],
    ],
    [['--code', 'UNSIGNED'], []],
    [['--path', '/srv/dev'], ['d2']],
    [
      ['--path', '/srv/containers/app.sif'],
      ['d1', 'd3'],
    ],
    [['--path', '/srv/containers/app'], []],
    [['--fingerprint', `0x${BOB.toLowerCase()}`], ['d2']],
    [['--fingerprint', ALICE, '--verdict', 'admit'], ['d1']],
    [
      ['--sha256', `sha256:${DIGEST}`],
      ['d1', 'd3'],
    ],
  ])('with %j shows %j', async (words, ids) => {
    await withLogFolder(async (given) => {
      await written(given);
      const { out } = await vouchLog(['query', '--json', '--log', given.folder, ...words]);
      const lines = out.split('\n').filter((line) => line !== '');
      const found = lines
        .map((line): { decision_id: string } => JSON.parse(line))
        .map((one) => one.decision_id);
      expect(found).toEqual(ids);
    });
  });

  it.each([
    ['90s', 90_000],
    ['15m', 900_000],
    ['24h', 86_400_000],
    ['7d', 604_800_000],
  ])('counts %s back from now', (text, milliseconds) => {
    const none = { since: undefined, uid: undefined, verdict: undefined, code: undefined };
    const args = { ...none, path: undefined, fingerprint: undefined, sha256: undefined, until: text };
    expect(selectionOf(args, START)).toMatchObject({ until: START - milliseconds });
  });

  it.each([
    ['--since', 'yesterday'],
    ['--until', '2026-13-01'],
    ['--verdict', 'maybe'],
    ['--code', 'constructor'],
    ['--fingerprint', 'alice'],
    ['--sha256', 'ab'],
    ['--uid', '1.5'],
  ])('says USAGE for %s %s', async (flag, value) => {
    await expect(vouchLog(['query', '--log', '/', flag, value])).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('says which line it cannot read, and shows the others', async () => {
    await withLogFolder(async (given) => {
      await written(given);
      await writeFile(join(given.folder, 'decisions.jsonl'), 'x\ny\n', { flag: 'a' });
      const { out, err } = await vouchLog(['query', '--log', given.folder]);
      expect(out.split('\n')).toHaveLength(4);
      expect(err).toContain('decisions.jsonl:6 cannot be read');
      expect(err).toContain('2 lines');
    });
  });
});

describe('vouch log verify', () => {
  it('says how far a sound log is signed, and LOG_BROKEN where it was changed', async () => {
    await withLogFolder(async (given) => {
      await (await written(given)).close();
      const key = join(given.folder, 'log-key.pub.pem');
      const { out, exitCode } = await vouchLog(['verify', '--log', given.folder, '--key', key]);
      expect(exitCode).toBe(0);
      expect(out).toMatch(/^Lines: +6 in 1 file: 3 decisions, 1 event$/m);
      expect(out).toMatch(/^Not yet signed: 0 lines$/m);
      expect(out).toContain('Sound');
      const path = join(given.folder, 'decisions.jsonl');
      await writeFile(path, (await readFile(path, 'utf8')).replace('"uid":1001', '"uid":1002'));
      await expect(vouchLog(['verify', '--log', given.folder])).rejects.toMatchObject({
        code: 'LOG_BROKEN',
        message: expect.stringContaining('decisions.jsonl:5') as unknown,
      });
      await expect(vouchLog(['verify', '--json', '--log', given.folder])).rejects.toMatchObject({
        code: 'LOG_BROKEN',
      });
    });
  });

  it('does not call a log sound that nothing signs', async () => {
    await withLogFolder(async (given) => {
      await written(given);
      const { out } = await vouchLog(['verify', '--log', given.folder]);
      expect(out).not.toContain('Sound');
      expect(out).toMatch(/^Not yet signed: 5 lines$/m);
      const missing = ['verify', '--log', given.folder, '--key', '/nonexistent'];
      await expect(vouchLog(missing)).rejects.toMatchObject({ code: 'NO_SUCH_FILE' });
    });
  });
});

describe('vouch log export', () => {
  const lines = (out: string): unknown[] =>
    out
      .split('\n')
      .filter((line) => line !== '')
      .map((line): unknown => JSON.parse(line));

  it('writes verification summaries: what the policy says of each digest', async () => {
    await withLogFolder(async (given) => {
      await written(given);
      const words = ['export', '--format', 'vsa', '--verifier', 'https://host.example.org/vouch'];
      const { out } = await vouchLog([...words, '--log', given.folder]);
      const [first, second, third] = lines(out);
      expect(first).toEqual({
        _type: 'https://in-toto.io/Statement/v1',
        subject: [{ name: 'file:///srv/containers/app.sif', digest: { sha256: DIGEST } }],
        predicateType: 'https://slsa.dev/verification_summary/v1',
        predicate: {
          verifier: {
            id: 'https://host.example.org/vouch',
            version: { vouch: expect.any(String) as unknown },
          },
          timeVerified: '2026-11-22T12:00:00.000Z',
          resourceUri: 'file:///srv/containers/app.sif',
          policy: { uri: 'vouch:policy:7', digest: { sha256: 'cd'.repeat(32) } },
          verificationResult: 'PASSED',
          verifiedLevels: ['VOUCH_SIGNED', 'VOUCH_BINDING_IDENTITY'],
        },
      });
      const failed = { verificationResult: 'FAILED', verifiedLevels: ['FAILED'] };
      expect(second).toMatchObject({
        subject: [{ name: 'file:///srv/dev/a%0Ab.sif' }],
        predicate: failed,
      });
      expect(third).toMatchObject({ predicate: failed });
    });
  });

  it('writes OCSF events: allowed, denied, and observed when only audit mode let it run', async () => {
    await withLogFolder(async (given) => {
      await written(given);
      const { out } = await vouchLog(['export', '--format', 'ocsf', '--log', given.folder]);
      expect(lines(out)).toMatchObject([
        {
          class_uid: 1001,
          type_uid: 100_114,
          time: Date.parse('2026-11-22T12:00:00Z'),
          action_id: 1,
          disposition_id: 1,
          metadata: { uid: 'd1', sequence: 3, profiles: ['host', 'security_control'] },
          actor: { user: { uid: '1000' } },
          file: { name: 'app.sif', hashes: [{ algorithm_id: 3, value: DIGEST }] },
          policy: { name: 'prod', version: '7' },
        },
        { action_id: 2, disposition_id: 2, status_code: 'KEY_REVOKED_HARD', status_id: 2 },
        { action_id: 3, disposition_id: 17, status_id: 1 },
      ]);
    });
  });

  it.each([
    [['export']],
    [['export', '--format', 'cef']],
    [['export', '--format', 'vsa', '--verifier', 'me']],
    [['export', '--format', 'ocsf', '--verifier', 'https://x']],
  ])('says USAGE for %j', async (words) => {
    await expect(vouchLog([...words, '--log', '/'])).rejects.toMatchObject({ code: 'USAGE' });
  });
});
