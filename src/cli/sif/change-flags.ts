import type { ChangeTime } from '../../sif/change-image.ts';
import { NO_TIME } from '../../sif/layout.ts';
import { JSON_OUTPUT } from '../options.ts';
import type { Switch } from '../options.ts';

/** What every command that changes an image takes. A type: yargs wants what has an index signature. */
export type ChangeFlags = { readonly deterministic: Switch; readonly json: Switch };

export const CHANGE_FLAGS: ChangeFlags = {
  deterministic: { type: 'boolean', describe: 'write no times: the same input gives the same octets' },
  json: JSON_OUTPUT,
};

export interface ChangeArguments {
  readonly image: string;
  readonly deterministic: boolean | undefined;
  readonly json: boolean | undefined;
}

export function changeTime({ deterministic }: Pick<ChangeArguments, 'deterministic'>): ChangeTime {
  const now = Math.floor(Date.now() / 1000);
  return deterministic === true ? { now, time: NO_TIME } : { now };
}
