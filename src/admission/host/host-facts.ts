/* What is known of a host that runs images: facts only, which `audit-host.ts` judges. */
import type { Mount } from '../image/mounts.ts';
import type { EclFlavour } from '../../policy/ecl/ecl.ts';

export interface HostFacts {
  /** The installations of Singularity and Apptainer that were found. */
  readonly tools: readonly ToolFacts[];
  readonly userNamespaces: UserNamespaceFacts;
  /** Folders that images run from. */
  readonly folders: readonly ImageFolderFacts[];
  /** Undefined: nobody on this host says so. */
  readonly clockSynchronized?: boolean;
  /** What the daemon's settings name; absent when there are none. */
  readonly daemon?: DaemonFacts;
}

/** One installation: a program, or settings, or both. */
export interface ToolFacts {
  readonly flavour: EclFlavour;
  /** `singularity-ce version 4.4.1`, as the program says it: hostile text. Undefined: there is none to ask. */
  readonly says?: string;
  /** Undefined: there is no settings file where they are looked for. */
  readonly settings?: ToolSettings;
  /** The program that makes setuid mode, when it is there: it does so if it is root's and has its bit set. */
  readonly starter?: PlaceFacts;
  readonly ecl: EclFileFacts;
}

export interface ToolSettings {
  readonly file: PlaceFacts;
  /** By directive, in the order of the file; a directive may be given several times. */
  readonly directives: ReadonlyMap<string, readonly string[]>;
}

export interface EclFileFacts {
  readonly file: PlaceFacts;
  /** `valid` with what it says; `invalid` with why not; `unreadable` for whoever asks; `absent`. */
  readonly state: 'valid' | 'invalid' | 'unreadable' | 'absent';
  readonly activated: boolean;
  /** Folders of its groups. */
  readonly folders: readonly string[];
  /** Of those, the ones that are not there or are not their own real path. */
  readonly badFolders: readonly string[];
  /** What is wrong or odd, in words; may quote hostile text. */
  readonly remarks: readonly string[];
}

/** The kernel's switches; undefined: it has no such switch. */
export interface UserNamespaceFacts {
  readonly max?: number;
  readonly unprivilegedClone?: boolean;
  /** Ubuntu: only programs with a profile may. */
  readonly restricted?: boolean;
}

/** A file or folder, and who may change it. */
export interface PlaceFacts {
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'socket' | 'link' | 'other' | 'absent' | 'unknown';
  readonly uid: number;
  /** Permission bits, with setuid, setgid and sticky. */
  readonly mode: number;
}

export interface ImageFolderFacts {
  readonly place: PlaceFacts;
  /** What it is on; undefined: it cannot be told. */
  readonly mount?: Mount;
  /** The folder and those above it, from the root down: who can change any of them can exchange images. */
  readonly line: readonly PlaceFacts[];
}

export interface DaemonFacts {
  /** Whose the daemon's files have to be, besides root's. */
  readonly uid: number;
  readonly socket: PlaceFacts;
  readonly state: PlaceFacts;
  readonly policy: PlaceFacts;
  /** Why the policy cannot be used, in words; may quote hostile text. Absent: it can, or was not read. */
  readonly policyFault?: string;
  readonly keys: readonly PlaceFacts[];
  readonly answer: DaemonAnswer;
}

export interface DaemonAnswer {
  readonly state: 'ready' | 'not-ready' | 'silent' | 'not-permitted';
  /** Why, in words; may quote what came over the socket. */
  readonly detail?: string;
}
