import type { Pusher } from '../hkp/push-permission.ts';
import type { Submit } from '../hkp/submission.ts';
import { refuseWeak } from '../openpgp/weakness.ts';

/** Takes no certificate that is weak; revocations of one that is held go on being taken. */
export function refusingWeak(submit: Submit): Submit {
  return (keyring, options) => submit(keyring, { ...options, pusher: strict(options.pusher) });
}

function strict(pusher: Pusher | undefined): Pusher {
  return {
    ...(pusher?.name !== undefined && { name: pusher.name }),
    permits: async (certificate) => {
      const permission = (await pusher?.permits(certificate)) ?? { kind: 'all' };
      const reason = permission.kind === 'all' ? refuseWeak(certificate) : undefined;
      return reason === undefined ? permission : { kind: 'revocations', reason };
    },
  };
}
