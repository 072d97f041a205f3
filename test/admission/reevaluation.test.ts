import { beforeEach, describe, expect, it } from 'vitest';
import { Reevaluation } from '../../src/admission/reevaluation.ts';
import { aliceKey, alicePolicy, DIGEST, evidenceOf, lookAt, scene } from './deciding.ts';
import type { Scene } from './deciding.ts';

const DAY = 24 * 60 * 60 * 1000;
const REVOKED = aliceKey({ revocation: { hard: true, text: 'stolen', at: 0, from: 'REMOTE' } });

let about: Scene;
let events: [string, Readonly<Record<string, unknown>>][];
let round: Reevaluation;

beforeEach(async () => {
  begin(scene(alicePolicy()));
  await decide();
});

function begin(made: Scene): void {
  about = made;
  about.looks.set('/srv/a.sif', lookAt('/srv/a.sif', { kind: 'content', evidence: evidenceOf() }));
  events = [];
  round = new Reevaluation({
    admission: about.admission,
    event: (event, fields) => {
      events.push([event, fields]);
      return Promise.resolve();
    },
  });
}

async function decide(): Promise<void> {
  await about.admission.admit(about.ask(['/srv/a.sif']), { kind: 'admin' });
}

describe('Reevaluation', () => {
  it('says nothing while every answer would be the same', async () => {
    expect(await round.run()).toBe(0);
    expect(events).toEqual([]);
  });

  it('AD11 tells which images would be answered otherwise, each change of mind once', async () => {
    about.maker = REVOKED;
    expect(await round.run()).toBe(1);
    expect(await round.run()).toBe(0);
    expect(events).toEqual([
      [
        'decision_changed',
        expect.objectContaining({
          path: '/srv/a.sif',
          sha256: DIGEST,
          rule: 'srv',
          before: expect.objectContaining({ verdict: 'admit', effective: 'admit' }) as unknown,
          after: { verdict: 'refuse', effective: 'refuse' },
          codes: expect.arrayContaining(['KEY_REVOKED_HARD']) as unknown,
        }),
      ],
    ]);
  });

  it('tells of the way back too, and again of the same change after that', async () => {
    about.maker = REVOKED;
    await round.run();
    about.maker = aliceKey();
    expect(await round.run()).toBe(1);
    expect(events[1]?.[1]).toMatchObject({
      before: { verdict: 'refuse', effective: 'refuse' },
      after: { verdict: 'admit', effective: 'admit' },
    });
    expect(await round.run()).toBe(0);
    about.maker = REVOKED;
    expect(await round.run()).toBe(1);
  });

  it('leaves out what a new decision has said meanwhile', async () => {
    about.maker = REVOKED;
    await round.run();
    about.maker = aliceKey();
    about.now += 1000;
    await decide();
    expect(await round.run()).toBe(0);
    about.maker = REVOKED;
    expect(await round.run()).toBe(1);
  });

  it('notices what time alone changes: the end of a waiver', async () => {
    const until = new Date(about.now + DAY).toISOString();
    const waiver = `[[waiver]]\nrule = "srv"\nsha256 = "${DIGEST}"\nuntil = ${until}\nreason = "move"\n`;
    begin(scene(alicePolicy(waiver)));
    about.maker = undefined;
    await decide();
    expect(await round.run()).toBe(0);
    about.now += 2 * DAY;
    expect(await round.run()).toBe(1);
    expect(events[0]?.[1]).toMatchObject({ before: { effective: 'admit' }, after: { effective: 'refuse' } });
    expect(await round.run()).toBe(0);
  });
});
