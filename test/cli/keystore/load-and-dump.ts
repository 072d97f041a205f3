import { expect } from 'vitest';
import { vouch } from '../vouch.ts';

export interface LoadReport {
  readonly complete: boolean;
  readonly files: number;
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly refused: readonly { code: string; count: number; reason: string }[];
}

export async function load(
  data: string,
  words: readonly string[],
  stdin?: Uint8Array,
): Promise<LoadReport & { code: number | null; stderr: string }> {
  const { code, stdout, stderr } = await vouch(
    ['keystore', 'load', ...words, '--data', data, '--json'],
    stdin === undefined ? {} : { stdin },
  );
  const report = stdout.length === 0 ? {} : (JSON.parse(stdout.toString()) as object);
  return { ...(report as LoadReport), code, stderr };
}

export async function dump(data: string): Promise<Buffer> {
  const { code, stdout } = await vouch(['keystore', 'dump', '--data', data]);
  expect(code).toBe(0);
  return stdout;
}

/** How many were refused, by code. */
export const codes = ({ refused }: LoadReport): Record<string, number> =>
  Object.fromEntries(refused.map(({ code, count }) => [code, count]));
