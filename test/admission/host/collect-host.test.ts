import { symlink } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { collectHost } from '../../../src/admission/host/collect-host.ts';
import type { HostFacts } from '../../../src/admission/host/host-facts.ts';
import { FakeHost } from './fake-host.ts';

const LIST = `activated = true
[[execgroup]]
mode = "whitelist"
dirpath = "/srv/images"
[[execgroup]]
mode = "whitelist"
dirpath = "/srv/gone"
`;

async function collect(host: FakeHost, folders: readonly string[] = []): Promise<HostFacts> {
  return await collectHost({ root: host.root, searchPath: ['/opt/tool/bin', 'relative/bin'], folders });
}

describe('what is read of a host', () => {
  it('is nothing, where there is nothing', async () => {
    const host = await FakeHost.create();
    expect(await collect(host)).toEqual({ tools: [], userNamespaces: {}, folders: [] });
  });

  it('has the installation of a distribution: program, settings, starter and list', async () => {
    const host = await FakeHost.create();
    await host.program('/usr/bin/singularity', 'singularity-ce version 4.4.1');
    await host.file(
      '/etc/singularity/singularity.conf',
      '# comment\nallow setuid = yes\nlimit container paths = /a, /b\n',
    );
    await host.file('/usr/libexec/singularity/bin/starter-suid', '', 0o4755);
    await host.file('/etc/singularity/ecl.toml', LIST);
    await host.folder('/srv/images');
    const { tools, folders } = await collect(host);
    expect(tools).toMatchObject([
      {
        flavour: 'singularity',
        says: 'singularity-ce version 4.4.1',
        starter: { kind: 'file', mode: 0o4755 },
        ecl: { state: 'valid', activated: true, badFolders: ['/srv/gone'] },
      },
    ]);
    expect(tools[0]?.settings?.directives.get('limit container paths')).toEqual(['/a, /b']);
    expect(folders.map(({ place }) => [place.path, place.kind])).toEqual([
      ['/srv/images', 'folder'],
      ['/srv/gone', 'absent'],
    ]);
  });

  it('has installations below other prefixes, those of the search path too', async () => {
    const host = await FakeHost.create();
    await host.file('/usr/local/etc/apptainer/apptainer.conf', 'allow setuid = no\n');
    await host.program('/opt/tool/bin/apptainer', 'apptainer version 1.5.1');
    const { tools } = await collect(host);
    expect(tools.map(({ flavour, says }) => [flavour, says])).toEqual([
      ['apptainer', undefined],
      ['apptainer', 'apptainer version 1.5.1'],
    ]);
  });

  it('takes Apptainer under the name of Singularity for no second tool', async () => {
    const host = await FakeHost.create();
    await host.program('/usr/bin/apptainer', 'apptainer version 1.4.0');
    await symlink('apptainer', host.path('/usr/bin/singularity'));
    const { tools } = await collect(host);
    expect(tools.map(({ flavour }) => flavour)).toEqual(['apptainer']);
  });

  it('runs no program that others can write', async () => {
    const host = await FakeHost.create();
    await host.file('/usr/bin/singularity', `#!/bin/sh\ntouch ${host.path('/was-run')}\n`, 0o777);
    expect((await collect(host)).tools).toEqual([]);
  });

  it('knows a list that cannot be read from one that is wrong', async () => {
    const host = await FakeHost.create();
    await host.folder('/etc/singularity/ecl.toml');
    await host.file('/etc/apptainer/ecl.toml', 'activated = "yes"');
    const { tools } = await collect(host);
    expect(tools.map(({ ecl }) => ecl.state)).toEqual(['unreadable', 'invalid']);
    expect(tools[1]?.ecl.remarks.join()).toContain('activated must be true or false');
  });

  it('S7.7: takes a folder under a link for a bad one, as the tools do', async () => {
    const host = await FakeHost.create();
    await host.folder('/data');
    await host.folder('/srv');
    await symlink(host.path('/data'), host.path('/srv/images'));
    await host.file('/etc/singularity/ecl.toml', LIST);
    expect((await collect(host)).tools[0]?.ecl.badFolders).toEqual(['/srv/images', '/srv/gone']);
  });

  it('has the switches of the kernel', async () => {
    const host = await FakeHost.create();
    await host.file('/proc/sys/user/max_user_namespaces', '0\n');
    await host.file('/proc/sys/kernel/unprivileged_userns_clone', '1\n');
    await host.file('/proc/sys/kernel/apparmor_restrict_unprivileged_userns', 'x\n');
    expect((await collect(host)).userNamespaces).toEqual({ max: 0, unprivilegedClone: true });
  });

  it('has folders with all that lies above them, and their file system', async () => {
    const host = await FakeHost.create();
    await host.file(
      '/proc/self/mountinfo',
      '22 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw\n23 22 0:30 / /srv/my\\040images rw - xfs /dev/sdb rw\n',
    );
    await host.folder('/srv/my images/a', 0o777);
    const { folders } = await collect(host, ['/srv/my images/a', '/srv']);
    expect(folders.map(({ mount }) => mount?.type)).toEqual(['xfs', 'ext4']);
    expect(folders[0]?.line.map(({ path }) => path)).toEqual([
      '/',
      '/srv',
      '/srv/my images',
      '/srv/my images/a',
    ]);
    expect(folders[0]?.place.mode).toBe(0o777);
  });

  it('says of the clock what systemd says, or nothing', async () => {
    const host = await FakeHost.create();
    await host.folder('/run/systemd/timesync');
    expect((await collect(host)).clockSynchronized).toBe(false);
    await host.file('/run/systemd/timesync/synchronized', '');
    expect((await collect(host)).clockSynchronized).toBe(true);
  });

  it('has the files of a daemon', async () => {
    const host = await FakeHost.create();
    await host.folder('/var/lib/vouch', 0o700);
    await host.file('/etc/vouch/policy.toml', '', 0o664);
    const daemon = {
      uid: 0,
      socket: '/run/vouch/admin.sock',
      state: '/var/lib/vouch',
      policy: '/etc/vouch/policy.toml',
      keys: ['/etc/vouch/keys'],
      answer: { state: 'silent' } as const,
    };
    const facts = await collectHost({ root: host.root, searchPath: [], folders: [], daemon });
    expect(facts.daemon).toMatchObject({
      socket: { kind: 'absent' },
      state: { kind: 'folder', mode: 0o700 },
      policy: { kind: 'file', mode: 0o664 },
      keys: [{ kind: 'absent' }],
    });
  });
});
