/*
 * Where Singularity and Apptainer keep keys: sylabs/singularity internal/pkg/sypgp/sypgp.go, pkg/syfs;
 * apptainer/apptainer pkg/syfs/syfs.go. Nothing is looked up here but what is there.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

export interface KeyringPlaces {
  /** Folders with `pgp-public` and `pgp-secret`, the one that is written first. */
  readonly folders: readonly [string, ...string[]];
  /** Files of the administrator, in the order in which they are asked. */
  readonly globals: readonly string[];
}

/** Where keyrings for all users may be; the tools are built with either prefix. The first is written. */
export const GLOBAL_KEYRINGS: readonly string[] = [
  '/etc/singularity/global-pgp-public',
  '/usr/local/etc/singularity/global-pgp-public',
  '/etc/apptainer/global-pgp-public',
  '/usr/local/etc/apptainer/global-pgp-public',
];

/**
 * `named` is the one folder to use, when the caller was told. Else both tools' folders are read: those that
 * their environment variables name, or those in the home folder. Keys are written where a variable points; else
 * into the folder that is there; and into Singularity's when both are, or neither is.
 */
export function keyringPlaces({
  named,
  environment,
  home,
}: {
  readonly named: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}): KeyringPlaces {
  if (named !== undefined) return { folders: [resolve(named)], globals: GLOBAL_KEYRINGS };
  const singularityVariable = nonEmpty(environment['SINGULARITY_SYPGPDIR']);
  // Apptainer takes the older variable too.
  const apptainerVariable = nonEmpty(environment['APPTAINER_KEYSDIR']) ?? singularityVariable;
  const singularity = singularityVariable ?? join(home, '.singularity', 'sypgp');
  const apptainer = apptainerVariable ?? join(home, '.apptainer', 'keys');
  const pointed = singularityVariable ?? apptainerVariable;
  const there = [singularity, apptainer].filter((folder) => existsSync(folder));
  const written = pointed ?? there[0] ?? singularity;
  const folders = [...new Set([written, ...there].map((folder) => resolve(folder)))];
  const [first = resolve(written), ...others] = folders;
  return { folders: [first, ...others], globals: GLOBAL_KEYRINGS };
}

/** Go's tools take a variable that is set to nothing as not set. */
function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

export function publicRingOf(folder: string): string {
  return join(folder, 'pgp-public');
}

export function secretRingOf(folder: string): string {
  return join(folder, 'pgp-secret');
}
