import { describe, expect, it } from 'vitest';
import { auditHost } from '../../../src/admission/host/audit-host.ts';
import type { HostFinding, HostFindingCode } from '../../../src/admission/host/finding.ts';
import type {
  DaemonFacts,
  EclFileFacts,
  HostFacts,
  ImageFolderFacts,
  PlaceFacts,
  ToolFacts,
} from '../../../src/admission/host/host-facts.ts';
import { parseToolSettings } from '../../../src/admission/host/tool-settings.ts';

function place(path: string, mode: number, kind: PlaceFacts['kind'] = 'file', uid = 0): PlaceFacts {
  return { path, kind, uid, mode };
}

const LIST: EclFileFacts = {
  file: place('/etc/singularity/ecl.toml', 0o644),
  state: 'valid',
  activated: true,
  folders: [],
  badFolders: [],
  remarks: [],
};

const CLOSED = ['squashfs', 'extfs', 'dir'].map((kind) => `allow container ${kind} = no\n`).join('');

function tool(changes: Partial<ToolFacts> = {}, settings = CLOSED): ToolFacts {
  return {
    flavour: 'singularity',
    says: 'singularity-ce version 4.5.0',
    starter: place('/usr/libexec/singularity/bin/starter-suid', 0o4755),
    settings: {
      file: place('/etc/singularity/singularity.conf', 0o644),
      directives: parseToolSettings(settings),
    },
    ecl: LIST,
    ...changes,
  };
}

const DAEMON: DaemonFacts = {
  uid: 200,
  socket: place('/run/vouch/admin.sock', 0o600, 'socket', 200),
  state: place('/var/lib/vouch', 0o700, 'folder', 200),
  policy: place('/etc/vouch/policy.toml', 0o644),
  keys: [place('/etc/vouch/keys', 0o755, 'folder')],
  answer: { state: 'ready' },
};

/** Nothing is wrong with it. */
const GOOD: HostFacts = {
  tools: [tool()],
  userNamespaces: { max: 0 },
  folders: [],
  clockSynchronized: true,
  daemon: DAEMON,
};

function audit(changes: Partial<HostFacts>): HostFinding[] {
  return auditHost({ ...GOOD, ...changes });
}

function find(changes: Partial<HostFacts>, code: HostFindingCode): HostFinding | undefined {
  return audit(changes).find((one) => one.code === code);
}

function codes(changes: Partial<HostFacts>): string[] {
  return audit(changes).map(({ severity, code }) => `${severity} ${code}`);
}

describe('a host', () => {
  it('with nothing wrong has notes only', () => {
    expect(codes({})).toEqual(['note PATHS_NOT_LIMITED', 'note ECL_EFFECTIVE', 'note DAEMON_READY']);
  });

  it('has the worst first', () => {
    const found = codes({ userNamespaces: {}, daemon: { ...DAEMON, answer: { state: 'silent' } } });
    expect(found.map((one) => one.split(' ')[0])).toEqual(
      found.map((one) => one.split(' ')[0]).toSorted(bySeverity),
    );
    expect(found[0]).toBe('error DAEMON_SILENT');
  });

  it('without any tool says so', () => {
    expect(codes({ tools: [] })).toContain('note NO_TOOL');
  });

  it.each([
    ['max_user_namespaces is 0', { max: 0 }, false],
    ['unprivileged_userns_clone is 0', { max: 100, unprivilegedClone: false }, false],
    ['AppArmor restricts them', { max: 100, unprivilegedClone: true, restricted: true }, false],
    ['they are open', { max: 100, unprivilegedClone: true, restricted: false }, true],
    ['nothing is known', {}, true],
  ])('where %s tells of user namespaces when users may make them', (_, userNamespaces, told) => {
    expect(find({ userNamespaces }, 'USER_NAMESPACES') !== undefined).toBe(told);
    expect(find({ userNamespaces }, 'ECL_NOT_EFFECTIVE') !== undefined).toBe(told);
  });

  it.each([
    [true, []],
    [false, ['warning CLOCK_UNSYNCHRONIZED']],
    [undefined, ['note CLOCK_UNKNOWN']],
  ])('with a clock that is synchronized: %s', (clockSynchronized, expected) => {
    const { clockSynchronized: _, ...rest } = GOOD;
    const facts = clockSynchronized === undefined ? rest : { ...rest, clockSynchronized };
    const found = auditHost(facts).map(({ severity, code }) => `${severity} ${code}`);
    expect(found.filter((one) => one.includes('CLOCK'))).toEqual(expected);
  });
});

function bySeverity(one: string | undefined, other: string | undefined): number {
  const order = ['error', 'warning', 'note'];
  return order.indexOf(one ?? '') - order.indexOf(other ?? '');
}

describe('the execution control list', () => {
  it.each([
    ['without a setuid starter', { starter: place('/x', 0o755) }],
    ['with a starter that is not root’s', { starter: place('/x', 0o4755, 'file', 1000) }],
    ['with "allow setuid = no"', tool({}, `${CLOSED}allow setuid = no\n`)],
    ['with other images allowed', tool({}, '')],
  ])('binds nobody %s', (_, changes) => {
    expect(find({ tools: [tool(changes)] }, 'ECL_NOT_EFFECTIVE')?.severity).toBe('warning');
    expect(find({ tools: [tool(changes)] }, 'ECL_EFFECTIVE')).toBeUndefined();
  });

  it('that is off or absent is told so, whatever else there is', () => {
    const off = { ecl: { ...LIST, activated: false } };
    expect(find({ tools: [tool(off)], userNamespaces: {} }, 'ECL_OFF')?.text).toContain('is off');
    const absent = { ecl: { ...LIST, state: 'absent' as const } };
    expect(find({ tools: [tool(absent)] }, 'ECL_OFF')?.text).toContain('there is no');
  });

  it.each([
    ['singularity-ce version 4.5.0', 'every image is refused'],
    ['singularity-ce version 4.4.2', 'may run every image'],
    ['apptainer version 1.5.1', 'may run every image'],
  ])('that is wrong: %s', (says, effect) => {
    const ecl = { ...LIST, state: 'invalid' as const, activated: false, remarks: ['no TOML'] };
    const found = find({ tools: [tool({ says, ecl })] }, 'ECL_INVALID');
    expect(found?.severity).toBe('error');
    expect(found?.text).toContain(effect);
  });

  it.each([
    ['is a link', place('/etc/singularity/ecl.toml', 0o777, 'link')],
    ['belongs to another', place('/etc/singularity/ecl.toml', 0o644, 'file', 1000)],
    ['can be written by a group', place('/etc/singularity/ecl.toml', 0o664)],
  ])('that %s is an error', (_, file) => {
    expect(find({ tools: [tool({ ecl: { ...LIST, file } })] }, 'ECL_WRITABLE')?.severity).toBe('error');
  });

  it('that names a folder which is not there stops every image', () => {
    const ecl = { ...LIST, badFolders: ['/srv/gone'] };
    expect(find({ tools: [tool({ ecl })] }, 'ECL_FOLDER_MISSING')).toMatchObject({
      severity: 'error',
      subject: '/srv/gone',
    });
  });

  it('hands on what is odd in it', () => {
    const ecl = { ...LIST, remarks: ['activate means nothing'] };
    expect(find({ tools: [tool({ ecl })] }, 'ECL_REMARK')?.text).toBe('activate means nothing');
  });
});

describe('a tool', () => {
  const limited = `${CLOSED}limit container paths = /scratch\nlimit container owners = root\n`;

  it.each([
    ['CVE-2026-47215', 'singularity-ce version 4.4.1', true],
    ['CVE-2026-47215', 'singularity-ce version 4.4.1-1.el9', true],
    ['CVE-2026-47215', 'singularity version 3.11.5', true],
    ['CVE-2026-47215', 'singularity-ce version 4.4.2', false],
    ['CVE-2026-47215', 'singularity-ce version 5.0.0', false],
    ['CVE-2026-48785', 'apptainer version 1.5.0', true],
    ['CVE-2026-48785', 'apptainer version 1.5.1', false],
    ['CVE-2026-48785', 'apptainer version 1.10.0', false],
  ])('%s: %s is told of: %s', (cve, says, told) => {
    const found = find({ tools: [tool({ says }, limited)] }, 'PATH_PREFIX_FLAW');
    expect(found?.text.includes(cve) ?? false).toBe(told);
    expect(found?.severity ?? 'none').toBe(told ? 'error' : 'none');
  });

  it('CVE-2026-47215: is a warning as long as no paths are limited', () => {
    const says = 'singularity-ce version 4.4.1';
    expect(find({ tools: [tool({ says })] }, 'PATH_PREFIX_FLAW')?.severity).toBe('warning');
  });

  it.each(['singularitypro version 4.1.0', 'it does not say', '\u001B[31m'])(
    'of an unknown version is not judged: %j',
    (says) => {
      expect(codes({ tools: [tool({ says })] })).toContain('warning VERSION_UNKNOWN');
    },
  );

  it('that runs other images than SIF is told of', () => {
    const found = find({ tools: [tool({}, 'allow container squashfs = no\n')] }, 'OTHER_CONTAINERS_ALLOWED');
    expect(found?.text).toContain('extfs, dir');
  });

  it('with limited paths wants limited owners too', () => {
    expect(codes({ tools: [tool({}, limited)] }).join()).not.toContain('LIMITED');
    const paths = `${CLOSED}limit container paths = /scratch\n`;
    expect(codes({ tools: [tool({}, paths)] })).toContain('note OWNERS_NOT_LIMITED');
    expect(codes({ tools: [tool({}, `${CLOSED}limit container paths = NULL\n`)] })).toContain(
      'note PATHS_NOT_LIMITED',
    );
  });

  it('whose settings others can change is an error', () => {
    const settings = { file: place('/etc/x.conf', 0o666), directives: parseToolSettings(CLOSED) };
    expect(codes({ tools: [tool({ settings })] })).toContain('error SETTINGS_WRITABLE');
  });
});

function folder(fileSystem: string, ...line: PlaceFacts[]): ImageFolderFacts {
  const last = line.at(-1) ?? place('/', 0o755, 'folder');
  const mount = { type: fileSystem, source: '/dev/sda', point: '/', readOnly: fileSystem === 'squashfs' };
  return { place: last, line, mount };
}

const ROOT = place('/', 0o755, 'folder');

describe('a folder of images', () => {
  it.each([
    ['root-owned', 'ext4', [ROOT, place('/srv', 0o755, 'folder')]],
    ['identity', 'xfs', [ROOT, place('/home/u', 0o755, 'folder', 1000)]],
    ['identity', 'btrfs', [place('/', 0o775, 'folder'), place('/srv', 0o755, 'folder')]],
    ['path', 'tmpfs', [ROOT, place('/tmp', 0o1777, 'folder'), place('/tmp/a', 0o755, 'folder')]],
    ['root-owned', 'tmpfs', [ROOT, place('/run/a', 0o755, 'folder')]],
    ['path', 'nfs4', [ROOT, place('/nfs', 0o755, 'folder')]],
    ['path', 'lustre', [ROOT, place('/lustre', 0o755, 'folder')]],
    ['path', 'fuse.sshfs', [ROOT, place('/mnt', 0o755, 'folder')]],
    ['root-owned', 'squashfs', [ROOT, place('/mnt', 0o777, 'folder')]],
  ])('binds by "%s" at best on %s', (binding, fileSystem, line) => {
    const found = find({ folders: [folder(fileSystem, ...line)] }, 'FOLDER_BINDING');
    expect(found?.text).toContain(`"${binding}"`);
  });

  it('that everybody can write is told of, with where', () => {
    const line = [ROOT, place('/scratch', 0o777, 'folder'), place('/scratch/a', 0o755, 'folder')];
    expect(find({ folders: [folder('ext4', ...line)] }, 'FOLDER_WRITABLE')?.text).toContain(
      'into /scratch, and exchange',
    );
    const sticky = [ROOT, place('/tmp', 0o1777, 'folder')];
    expect(find({ folders: [folder('ext4', ...sticky)] }, 'FOLDER_WRITABLE')?.text).not.toContain('exchange');
  });

  it('that is not there is told of', () => {
    const gone = folder('ext4', ROOT, place('/gone', 0, 'absent', -1));
    expect(codes({ folders: [gone] })).toContain('warning FOLDER_MISSING');
  });
});

describe('a daemon', () => {
  it.each<[HostFindingCode, Partial<DaemonFacts>]>([
    ['DAEMON_SILENT', { answer: { state: 'silent' } }],
    ['DAEMON_NOT_READY', { answer: { state: 'not-ready', detail: 'no policy' } }],
    ['SOCKET_OPEN', { socket: place('/run/vouch/admin.sock', 0o666, 'socket', 200) }],
    ['STATE_OPEN', { state: place('/var/lib/vouch', 0o755, 'folder', 200) }],
    ['POLICY_MISSING', { policy: place('/p', 0, 'absent', -1) }],
    ['POLICY_WRITABLE', { policy: place('/p', 0o664) }],
    ['POLICY_WRITABLE', { policy: place('/p', 0o644, 'file', 1000) }],
    ['POLICY_INVALID', { policyFault: 'no rule' }],
    ['KEYS_MISSING', { keys: [place('/k', 0, 'absent', -1)] }],
    ['KEYS_WRITABLE', { keys: [place('/k', 0o777, 'folder')] }],
  ])('has the error %s', (code, changes) => {
    expect(codes({ daemon: { ...DAEMON, ...changes } })).toContain(`error ${code}`);
  });

  it('may own its files instead of root', () => {
    const policy = place('/p', 0o600, 'file', 200);
    expect(codes({ daemon: { ...DAEMON, policy } }).join()).not.toContain('error');
  });

  it('that may not be asked is no error', () => {
    const answer = { state: 'not-permitted' } as const;
    expect(codes({ daemon: { ...DAEMON, answer } })).toContain('note DAEMON_NOT_PERMITTED');
  });
});
