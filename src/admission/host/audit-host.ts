import { usersMayNamespace, auditTool, isRootsAlone } from './audit-tool.ts';
import { strongestBinding } from './file-system.ts';
import { SEVERITIES } from './finding.ts';
import type { HostFinding } from './finding.ts';
import type { DaemonFacts, HostFacts, ImageFolderFacts, PlaceFacts } from './host-facts.ts';

/** What is wrong with a host, weak or worth knowing, the worst first. Pure. */
export function auditHost(facts: HostFacts): HostFinding[] {
  const findings = [
    ...auditKernel(facts),
    ...facts.tools.flatMap((tool) => auditTool(tool, facts.userNamespaces)),
    ...facts.folders.flatMap((folder) => [...auditFolder(folder)]),
    ...auditClock(facts),
    ...auditDaemon(facts.daemon),
  ];
  return SEVERITIES.flatMap((severity) => findings.filter((one) => one.severity === severity));
}

function* auditKernel({ tools, userNamespaces }: HostFacts): Generator<HostFinding> {
  if (tools.length === 0) {
    const text = 'neither Singularity nor Apptainer was found';
    yield { severity: 'note', code: 'NO_TOOL', subject: 'host', text };
  }
  if (usersMayNamespace(userNamespaces)) {
    yield {
      severity: 'warning',
      code: 'USER_NAMESPACES',
      subject: 'host',
      text:
        'users may make user namespaces: whoever wants to can run containers without the tools of this host, so that ' +
        'decisions bind only those who use the paths of the site',
      fix: 'sysctl user.max_user_namespaces=0, unless something else on this host needs them',
    };
  }
}

function* auditFolder(folder: ImageFolderFacts): Generator<HostFinding> {
  const { place, mount, line } = folder;
  const writableAt = line.find((one) => !isRootsAlone(one));
  const open = line.find(({ mode }) => (mode & 0o002) !== 0);
  const subject = place.path;
  if (place.kind !== 'folder') {
    const text =
      place.kind === 'absent' ? 'there is no such folder' : 'it is no folder that can be looked at';
    yield { severity: 'warning', code: 'FOLDER_MISSING', subject, text };
    return;
  }
  if (open !== undefined) {
    const exchange = (open.mode & 0o1000) === 0 ? ', and exchange those of others' : '';
    yield {
      severity: 'warning',
      code: 'FOLDER_WRITABLE',
      subject,
      text: `everybody can put files into ${open.path}${exchange}`,
      fix: `chmod o-w ${open.path}, or promote images into the store`,
    };
  }
  const binding = strongestBinding(mount, writableAt === undefined);
  const owner =
    writableAt === undefined ? 'only root can change it' : `others than root can change ${writableAt.path}`;
  yield {
    severity: 'note',
    code: 'FOLDER_BINDING',
    subject,
    text: `answers about images there are bound to the bytes at best by "${binding}": ${mount?.type ?? 'unknown file system'}, ${owner}`,
    ...(binding !== 'root-owned' && {
      fix: 'vouch promote copies an admitted image where only root can change it',
    }),
  };
}

function* auditClock({ clockSynchronized }: HostFacts): Generator<HostFinding> {
  if (clockSynchronized === true) return;
  const known = clockSynchronized === false;
  yield {
    severity: known ? 'warning' : 'note',
    code: known ? 'CLOCK_UNSYNCHRONIZED' : 'CLOCK_UNKNOWN',
    subject: 'host',
    text: known
      ? 'the clock is not synchronized: expiry, revocations and windows depend on it'
      : 'nothing on this host says whether the clock is synchronized',
    fix: 'timedatectl timesync-status, or chronyc tracking',
  };
}

function* auditDaemon(daemon: DaemonFacts | undefined): Generator<HostFinding> {
  if (daemon === undefined) {
    yield {
      severity: 'note',
      code: 'DAEMON_NOT_CONFIGURED',
      subject: 'daemon',
      text: 'no settings of a trust daemon were found, so only the host was looked at',
      fix: 'name them with --config',
    };
    return;
  }
  yield auditAnswer(daemon);
  yield* auditFiles(daemon);
}

function auditAnswer({ answer, socket }: DaemonFacts): HostFinding {
  const because = answer.detail === undefined ? '' : `: ${answer.detail}`;
  const subject = socket.path;
  switch (answer.state) {
    case 'ready':
      return { severity: 'note', code: 'DAEMON_READY', subject, text: 'the daemon answers and is ready' };
    case 'not-ready':
      return {
        severity: 'error',
        code: 'DAEMON_NOT_READY',
        subject,
        text: `the daemon answers, but is not ready to decide${because}`,
      };
    case 'not-permitted':
      return {
        severity: 'note',
        code: 'DAEMON_NOT_PERMITTED',
        subject,
        text: 'you may not ask the daemon on its own socket, so it was not asked',
        fix: "run vouch doctor as root or as the daemon's user",
      };
    case 'silent':
      return {
        severity: 'error',
        code: 'DAEMON_SILENT',
        subject,
        text: `nobody answers${because}`,
        fix: 'start it: systemctl start vouch-daemon, or vouch daemon',
      };
  }
}

function* auditFiles(daemon: DaemonFacts): Generator<HostFinding> {
  const { socket, state, keys } = daemon;
  if (isThere(socket) && (socket.mode & 0o077) !== 0) {
    const text = 'the admin socket is open to others than the daemon: they can do everything';
    yield {
      severity: 'error',
      code: 'SOCKET_OPEN',
      subject: socket.path,
      text,
      fix: `chmod 600 ${socket.path}`,
    };
  }
  if (isThere(state) && (state.mode & 0o077) !== 0) {
    const text = 'others can look into what the daemon remembers: who ran which image';
    yield {
      severity: 'error',
      code: 'STATE_OPEN',
      subject: state.path,
      text,
      fix: `chmod 700 ${state.path}`,
    };
  }
  yield* auditPolicy(daemon);
  for (const place of keys) {
    if (place.kind === 'absent') {
      const text = 'there are no keys: no signature has a known signer';
      yield { severity: 'error', code: 'KEYS_MISSING', subject: place.path, text };
    } else if (isThere(place) && !isSafe(place, daemon)) {
      const text = 'others than root and the daemon can put certificates there, or take them away';
      yield { severity: 'error', code: 'KEYS_WRITABLE', subject: place.path, text, fix: mend(place) };
    }
  }
}

function* auditPolicy(daemon: DaemonFacts): Generator<HostFinding> {
  const { policy, policyFault } = daemon;
  const subject = policy.path;
  if (policy.kind === 'absent') {
    const text = 'there is no policy: the daemon refuses every image';
    yield { severity: 'error', code: 'POLICY_MISSING', subject, text };
    return;
  }
  if (isThere(policy) && !isSafe(policy, daemon)) {
    const text = 'others than root and the daemon can change the policy';
    yield { severity: 'error', code: 'POLICY_WRITABLE', subject, text, fix: mend(policy) };
  }
  if (policyFault !== undefined) {
    const text = `the policy cannot be used; a daemon that starts refuses every image: ${policyFault}`;
    yield { severity: 'error', code: 'POLICY_INVALID', subject, text };
  }
}

function isThere({ kind }: PlaceFacts): boolean {
  return kind !== 'absent' && kind !== 'unknown';
}

function isSafe(place: PlaceFacts, { uid }: DaemonFacts): boolean {
  return isRootsAlone(place) || (place.uid === uid && (place.mode & 0o022) === 0);
}

function mend({ path }: PlaceFacts): string {
  return `chown root ${path} && chmod go-w ${path}`;
}
