/* A folder that stands for the root of a host. */
import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

export class FakeHost {
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  static async create(): Promise<FakeHost> {
    const root = await realpath(await mkdtemp(join(tmpdir(), 'vouch-host-')));
    onTestFinished(() => rm(root, { recursive: true, force: true }));
    return new FakeHost(root);
  }

  path(path: string): string {
    return join(this.root, path);
  }

  async folder(path: string, mode = 0o755): Promise<void> {
    await mkdir(this.path(path), { recursive: true });
    await chmod(this.path(path), mode);
  }

  async file(path: string, content: string, mode = 0o644): Promise<void> {
    await mkdir(dirname(this.path(path)), { recursive: true });
    await writeFile(this.path(path), content);
    await chmod(this.path(path), mode);
  }

  /** A program that says this when it is asked for its version. */
  async program(path: string, says: string, mode = 0o755): Promise<void> {
    await this.file(path, `#!/bin/sh\n[ "$1" = --version ] && echo '${says}'\n`, mode);
  }
}
