/* What `vouch doctor` finds on a host. Codes are stable. */

export type HostFindingCode =
  /** No Singularity or Apptainer was found. */
  | 'NO_TOOL'
  /** The program's version cannot be told, or is of a product that counts otherwise. */
  | 'VERSION_UNKNOWN'
  /** `limit container paths` also allows folders whose names begin alike (CVE-2026-47215, CVE-2026-48785). */
  | 'PATH_PREFIX_FLAW'
  /** The tool's settings are not where they are looked for, or can be changed by others than root. */
  | 'SETTINGS_MISSING'
  | 'SETTINGS_WRITABLE'
  /** Images of other kinds than SIF run, which bear no signatures. */
  | 'OTHER_CONTAINERS_ALLOWED'
  /** Images may run from any folder, or be anybody's. */
  | 'PATHS_NOT_LIMITED'
  | 'OWNERS_NOT_LIMITED'
  | 'ECL_EFFECTIVE'
  | 'ECL_OFF'
  | 'ECL_NOT_EFFECTIVE'
  /** The list cannot be used: what the tool makes of that is in the text. */
  | 'ECL_INVALID'
  | 'ECL_WRITABLE'
  | 'ECL_FOLDER_MISSING'
  | 'ECL_REMARK'
  /** Users can run containers without the tool that root installed. */
  | 'USER_NAMESPACES'
  | 'FOLDER_MISSING'
  | 'FOLDER_WRITABLE'
  | 'FOLDER_BINDING'
  | 'CLOCK_UNSYNCHRONIZED'
  | 'CLOCK_UNKNOWN'
  | 'DAEMON_NOT_CONFIGURED'
  | 'DAEMON_READY'
  | 'DAEMON_NOT_READY'
  | 'DAEMON_SILENT'
  | 'DAEMON_NOT_PERMITTED'
  | 'SOCKET_OPEN'
  | 'STATE_OPEN'
  | 'POLICY_WRITABLE'
  | 'POLICY_MISSING'
  | 'POLICY_INVALID'
  | 'KEYS_WRITABLE'
  | 'KEYS_MISSING';

/** From the worst: something is wrong; something is weaker than it looks; how it is. */
export const SEVERITIES = ['error', 'warning', 'note'] as const;
export type Severity = (typeof SEVERITIES)[number];

export interface HostFinding {
  readonly severity: Severity;
  readonly code: HostFindingCode;
  /** What it is about: a tool, a path, `daemon`, `host`. May be hostile text. */
  readonly subject: string;
  /** One sentence without the trailing point. May quote hostile text. */
  readonly text: string;
  /** What to do about it. */
  readonly fix?: string;
}
