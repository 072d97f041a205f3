/* Reads what `audit-host.ts` judges: settings of the tools, switches of the kernel, folders, files of the daemon. */
import { dirname, join } from 'node:path';
import type { EclFlavour } from '../../policy/ecl/ecl.ts';
import { collectTool } from './collect-tool.ts';
import { parseMounts } from '../image/mounts.ts';
import type { MountTable } from '../image/mounts.ts';
import { mountOf } from './file-system.ts';
import type {
  DaemonAnswer,
  DaemonFacts,
  HostFacts,
  ImageFolderFacts,
  PlaceFacts,
  ToolFacts,
  UserNamespaceFacts,
} from './host-facts.ts';
import { placeAt, textAt } from './place.ts';

export interface HostPlaces {
  /** Root folder of the host: `/`, or a tree that stands for one. */
  readonly root: string;
  /** Where programs are looked for, as PATH has it, besides /usr and /usr/local. Absolute. */
  readonly searchPath: readonly string[];
  /** Folders that images run from, besides those of execution control lists. Absolute. */
  readonly folders: readonly string[];
  readonly daemon?: DaemonPlaces;
}

/** Paths of the daemon's settings. Absolute. */
export interface DaemonPlaces {
  readonly uid: number;
  readonly socket: string;
  readonly state: string;
  readonly policy: string;
  /** Why it cannot be used, when whoever read it found that. */
  readonly policyFault?: string;
  readonly keys: readonly string[];
  /** What came of asking it. */
  readonly answer: DaemonAnswer;
}

const FLAVOURS: readonly EclFlavour[] = ['singularity', 'apptainer'];

/** What cannot be read is missing in the facts: nothing is thrown for it. */
export async function collectHost({ root, searchPath, folders, daemon }: HostPlaces): Promise<HostFacts> {
  const tools = await collectTools(root, searchPath);
  const mounts = parseMounts((await textAt(root, '/proc/self/mountinfo')) ?? '');
  const looked = new Set([...folders, ...tools.flatMap(({ ecl }) => ecl.folders)]);
  const folderFacts: ImageFolderFacts[] = [];
  for (const path of looked) folderFacts.push(await collectFolder(root, path, mounts));
  const clockSynchronized = await clockOf(root);
  return {
    tools,
    userNamespaces: await namespacesOf(root),
    folders: folderFacts,
    ...(clockSynchronized !== undefined && { clockSynchronized }),
    ...(daemon !== undefined && { daemon: await collectDaemon(root, daemon) }),
  };
}

async function collectTools(root: string, searchPath: readonly string[]): Promise<ToolFacts[]> {
  const named = searchPath.filter((path) => path.startsWith('/') && path.endsWith('/bin')).map(dirname);
  const prefixes = new Set(['/usr', '/usr/local', ...named.filter((prefix) => prefix !== '/')]);
  const tools: ToolFacts[] = [];
  for (const prefix of prefixes) {
    for (const flavour of FLAVOURS) {
      const tool = await collectTool(root, prefix, flavour);
      if (tool !== undefined) tools.push(tool);
    }
  }
  return tools;
}

async function collectFolder(root: string, path: string, mounts: MountTable): Promise<ImageFolderFacts> {
  const line: PlaceFacts[] = [];
  for (let at = path; ; at = dirname(at)) {
    line.unshift(await placeAt(root, at));
    if (at === dirname(at)) break;
  }
  const place = line.at(-1) ?? (await placeAt(root, path));
  const mount = mountOf(path, mounts);
  return { place, line, ...(mount && { mount }) };
}

async function namespacesOf(root: string): Promise<UserNamespaceFacts> {
  const max = await numberAt(root, '/proc/sys/user/max_user_namespaces');
  const clone = await numberAt(root, '/proc/sys/kernel/unprivileged_userns_clone');
  const restrict = await numberAt(root, '/proc/sys/kernel/apparmor_restrict_unprivileged_userns');
  return {
    ...(max !== undefined && { max }),
    ...(clone !== undefined && { unprivilegedClone: clone !== 0 }),
    ...(restrict !== undefined && { restricted: restrict !== 0 }),
  };
}

async function numberAt(root: string, path: string): Promise<number | undefined> {
  const digits = /^\d{1,15}$/.exec((await textAt(root, path))?.trim() ?? '')?.[0];
  return digits === undefined ? undefined : Number(digits);
}

/** systemd-timesyncd says so with a file; other programs do not say it where it could be read. */
async function clockOf(root: string): Promise<boolean | undefined> {
  const folder = '/run/systemd/timesync';
  if ((await placeAt(root, join(folder, 'synchronized'))).kind === 'file') return true;
  return (await placeAt(root, folder)).kind === 'folder' ? false : undefined;
}

async function collectDaemon(root: string, places: DaemonPlaces): Promise<DaemonFacts> {
  const keys: PlaceFacts[] = [];
  for (const path of places.keys) keys.push(await placeAt(root, path));
  return {
    uid: places.uid,
    socket: await placeAt(root, places.socket),
    state: await placeAt(root, places.state),
    policy: await placeAt(root, places.policy),
    ...(places.policyFault !== undefined && { policyFault: places.policyFault }),
    keys,
    answer: places.answer,
  };
}
