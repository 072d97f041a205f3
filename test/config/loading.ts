import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { ConfigError } from '../../src/config/error.ts';
import { loadServerConfig } from '../../src/config/load-server-config.ts';
import type { ServerFlags } from '../../src/config/server-sources.ts';
import type { ServerConfig } from '../../src/config/server-config.ts';

/* Settings of a keystore out of a file made for the test. */

export let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vouch-config-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

export function load(
  toml: string | Uint8Array,
  flags: ServerFlags = {},
  environment: Record<string, string> = {},
): ServerConfig {
  const config = join(folder, 'server.toml');
  writeFileSync(config, toml);
  return loadServerConfig({ flags: { config, ...flags }, environment });
}

export function failure(run: () => unknown): ConfigError {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

export const defaults = (): ServerConfig => loadServerConfig({ flags: {}, environment: {} });
