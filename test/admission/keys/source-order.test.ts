import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { armor } from '../../../src/openpgp/armor.ts';
import { DAY, EPOCH, keyring, makeCertificate, subpackets } from '../../fixtures/test-key.ts';
import { hostWith, keystoreOf, stateOf } from './host.ts';

const ALICE = makeCertificate(['Alice <alice@example.org>']);
const CODE = { compromised: 2, retired: 3 };
const revoked = (code = CODE.compromised): Uint8Array => {
  const revocation = ALICE.key.revoke({ created: EPOCH + 20 * DAY, hashed: [subpackets.reason(code)] });
  return keyring(ALICE.key.key.packet, revocation, ...ALICE.packets.slice(1));
};
const REVOKED = revoked();

describe('whatever the order in which sources speak', () => {
  const later = ALICE.key.certify(ALICE.packets[1] ?? ALICE.key.key.packet, {
    created: EPOCH + 10 * DAY,
    hashed: [subpackets.keyExpires(900 * DAY)],
  });
  const renewed = keyring(...ALICE.packets.slice(0, 3), later, ...ALICE.packets.slice(3));
  const variants = [ALICE.bytes, renewed, REVOKED, revoked(CODE.retired)];

  it('the book is the same in the end, also after a restart', async () => {
    const steps = fc.array(
      fc.record({ source: fc.constantFrom('file', 'one', 'two'), variant: fc.nat(variants.length - 1) }),
      { minLength: 2, maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.infiniteStream(fc.nat(1000)),
        fc.boolean(),
        async (order, lots, restarts) => {
          const shuffled = order
            .map((step) => ({ step, lot: lots.next().value ?? 0 }))
            .toSorted((a, b) => a.lot - b.lot)
            .map(({ step }) => step);
          // The last words are the same in both, or where a key is would differ.
          const last = ['file', 'one', 'two'].map((source) => ({ source, variant: 0 }));
          const [a, b] = [
            await told([...order, ...last], false),
            await told([...shuffled, ...last], restarts),
          ];
          expect(a).toEqual(b);
        },
      ),
      { numRuns: 15 },
    );
  });

  async function told(
    steps: readonly { readonly source: string; readonly variant: number }[],
    restarts: boolean,
  ): Promise<unknown> {
    const held = { one: new Map<string, Uint8Array>(), two: new Map<string, Uint8Array>() };
    let host = await hostWith({ keystores: [keystoreOf('one', held.one), keystoreOf('two', held.two)] });
    await host.book.pin([ALICE.fingerprint]);
    for (const { source, variant } of steps) {
      const bytes = variants[variant] ?? ALICE.bytes;
      if (source === 'file') {
        await host.write('alice.asc', armor(bytes));
        await host.book.reloadLocal();
      } else {
        (source === 'one' ? held.one : held.two).set(ALICE.fingerprint, bytes);
        await host.book.refresh({ force: true });
      }
      if (!restarts) continue;
      host = await host.restart();
      await host.book.pin([ALICE.fingerprint]);
    }
    return stateOf(host.book);
  }
});
