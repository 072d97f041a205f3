/* What one installation of Singularity or Apptainer does with images, and what its execution control list is worth. */
import type { EclFlavour } from '../../policy/ecl/ecl.ts';
import type { HostFinding } from './finding.ts';
import type { EclFileFacts, PlaceFacts, ToolFacts, UserNamespaceFacts } from './host-facts.ts';
import { isAllowed, valuesOf } from './tool-settings.ts';
import { parseToolVersion, prefixFlaw, refusesWithoutList } from './tool-version.ts';

const TITLES: Readonly<Record<EclFlavour, string>> = { singularity: 'Singularity', apptainer: 'Apptainer' };

/** Kinds of images beside SIF, by the directive that allows them. */
const OTHER_KINDS = ['squashfs', 'extfs', 'dir'] as const;

export function auditTool(tool: ToolFacts, namespaces: UserNamespaceFacts): HostFinding[] {
  return [...auditVersion(tool), ...auditSettings(tool), ...auditList(tool), auditEffect(tool, namespaces)];
}

export function toolTitle({ flavour }: ToolFacts): string {
  return TITLES[flavour];
}

/** Only root can change it. */
export function isRootsAlone({ uid, mode }: PlaceFacts): boolean {
  return uid === 0 && (mode & 0o022) === 0;
}

/** Whether users can make namespaces of their own, and with them run any container there is. */
export function usersMayNamespace({ max, unprivilegedClone, restricted }: UserNamespaceFacts): boolean {
  return max !== 0 && unprivilegedClone !== false && restricted !== true;
}

function* auditVersion(tool: ToolFacts): Generator<HostFinding> {
  if (tool.says === undefined) return;
  const subject = toolTitle(tool);
  const version = parseToolVersion(tool.says);
  const flaw = version === undefined ? 'unknown' : prefixFlaw(version);
  if (flaw === 'unknown') {
    yield {
      severity: 'warning',
      code: 'VERSION_UNKNOWN',
      subject,
      text: `its version cannot be judged: "${tool.says.slice(0, 80)}"`,
      fix: 'compare it with the advisories of whoever makes it',
    };
  } else if (flaw !== undefined) {
    const paths = limitedPaths(tool);
    yield {
      severity: paths.length > 0 ? 'error' : 'warning',
      code: 'PATH_PREFIX_FLAW',
      subject,
      text:
        `${flaw.cve}: "limit container paths" takes folders whose names only begin alike, /scratch2 for /scratch` +
        (paths.length > 0 ? `; it is set to ${paths.join(', ')}` : ''),
      fix: `install version ${flaw.fixed.join('.')} or later, or one that your distribution has mended`,
    };
  }
}

function limitedPaths({ settings }: ToolFacts): string[] {
  return settings === undefined ? [] : valuesOf(settings.directives, 'limit container paths');
}

function* auditSettings(tool: ToolFacts): Generator<HostFinding> {
  const subject = toolTitle(tool);
  const { settings } = tool;
  if (settings === undefined) {
    yield {
      severity: 'warning',
      code: 'SETTINGS_MISSING',
      subject,
      text: 'its settings are not in /etc or /usr/local/etc, so nothing can be said of them',
    };
    return;
  }
  const { file, directives } = settings;
  if (!isRootsAlone(file)) {
    yield {
      severity: 'error',
      code: 'SETTINGS_WRITABLE',
      subject: file.path,
      text: 'others than root can change the settings',
      fix: `chown root ${file.path} && chmod go-w ${file.path}`,
    };
  }
  const others = OTHER_KINDS.filter((kind) => isAllowed(directives, `allow container ${kind}`));
  if (others.length > 0) {
    yield {
      severity: 'warning',
      code: 'OTHER_CONTAINERS_ALLOWED',
      subject,
      text: `images that are no SIF run too, and bear no signatures: ${others.join(', ')}`,
      fix: `set ${others.map((kind) => `"allow container ${kind} = no"`).join(', ')} in ${file.path}`,
    };
  }
  if (!hasSetuid(tool)) return;
  if (limitedPaths(tool).length === 0) {
    yield {
      severity: 'note',
      code: 'PATHS_NOT_LIMITED',
      subject,
      text: 'images run from any folder',
      fix: '"limit container paths" with the store that images are promoted to binds every run to admitted bytes',
    };
  } else if (!valuesOf(directives, 'limit container owners').includes('root')) {
    yield {
      severity: 'note',
      code: 'OWNERS_NOT_LIMITED',
      subject,
      text: "images in the allowed folders may be anybody's",
      fix: 'set "limit container owners = root" beside "limit container paths"',
    };
  }
}

function* auditList(tool: ToolFacts): Generator<HostFinding> {
  const { ecl } = tool;
  if (ecl.state === 'absent') return;
  const subject = ecl.file.path;
  if (ecl.state !== 'valid') yield unusable(tool);
  if (ecl.file.kind === 'link' || !isRootsAlone(ecl.file)) {
    yield {
      severity: 'error',
      code: 'ECL_WRITABLE',
      subject,
      text: 'the list is a link, or others than root can change it',
      fix: `make it a plain file: chown root ${subject} && chmod 644 ${subject}`,
    };
  }
  for (const folder of ecl.badFolders) {
    yield {
      severity: 'error',
      code: 'ECL_FOLDER_MISSING',
      subject: folder,
      text: 'the list names a folder that is not there, or not under its real path: every image is refused',
      fix: `make the folder, or take its group out of ${subject}`,
    };
  }
  for (const text of ecl.remarks) {
    if (ecl.state === 'valid') yield { severity: 'warning', code: 'ECL_REMARK', subject, text };
  }
}

function unusable({ ecl, says }: ToolFacts): HostFinding {
  const version = parseToolVersion(says ?? '');
  const closed = version !== undefined && refusesWithoutList(version);
  const effect = closed ? 'every image is refused' : 'this version may run every image';
  const why = ecl.state === 'unreadable' ? 'it cannot be read' : ecl.remarks.join('; ');
  return {
    severity: 'error',
    code: 'ECL_INVALID',
    subject: ecl.file.path,
    text: `the list cannot be used, ${effect}: ${why}`,
  };
}

/** Whether the list binds anybody, and why. */
function auditEffect(tool: ToolFacts, namespaces: UserNamespaceFacts): HostFinding {
  const subject = toolTitle(tool);
  if (tool.ecl.state === 'absent' || (tool.ecl.state === 'valid' && !tool.ecl.activated)) {
    const text =
      tool.ecl.state === 'absent'
        ? 'there is no execution control list'
        : 'the execution control list is off';
    return { severity: 'note', code: 'ECL_OFF', subject, text };
  }
  const holes = holesOf(tool, namespaces);
  if (holes.length === 0) {
    const text = 'the execution control list binds every user but root: setuid mode, no user namespaces';
    return { severity: 'note', code: 'ECL_EFFECTIVE', subject, text };
  }
  return {
    severity: 'warning',
    code: 'ECL_NOT_EFFECTIVE',
    subject,
    text: `the execution control list keeps nobody from running an image: ${holes.join('; ')}`,
  };
}

function holesOf(tool: ToolFacts, namespaces: UserNamespaceFacts): string[] {
  const holes: string[] = [];
  if (!hasSetuid(tool)) {
    holes.push('there is no setuid starter, so that users run a program under their own rights');
  } else if (tool.settings !== undefined && !isAllowed(tool.settings.directives, 'allow setuid')) {
    holes.push('"allow setuid = no"');
  }
  if (usersMayNamespace(namespaces)) {
    holes.push('users may make user namespaces, and run a copy of the tool without any list');
  }
  if (isUsable(tool.ecl) && tool.settings !== undefined) {
    const { directives } = tool.settings;
    const others = OTHER_KINDS.filter((kind) => isAllowed(directives, `allow container ${kind}`));
    if (others.length > 0) holes.push(`it is for SIF only, and other images run: ${others.join(', ')}`);
  }
  if (!isUsable(tool.ecl)) holes.push('it cannot be used');
  return holes;
}

function hasSetuid({ starter }: ToolFacts): boolean {
  return starter !== undefined && starter.uid === 0 && (starter.mode & 0o4000) !== 0;
}

function isUsable({ state }: EclFileFacts): boolean {
  return state === 'valid';
}
