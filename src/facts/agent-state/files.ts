import type { Evidence } from '../../engine/model.ts';
import type { DirectoryEntry, RootFs } from '../../image/root-fs.ts';
import { holdsAnything } from './holds-anything.ts';

/** A file or directory that a run left. */
export interface AgentStateFile {
  /**
   * `private-key` and `certificate`: the transport certificate of the source VM and what it decrypts. `provisioning`:
   * ovf-env.xml and CustomData, which hold what the source VM was deployed with. `state`: goal state, markers, events,
   * caches. `log`: logs. `azure-init`: markers and log of azure-init.
   */
  readonly kind: 'private-key' | 'certificate' | 'provisioning' | 'state' | 'log' | 'azure-init';
  readonly evidence: Evidence;
}

/** A VM extension in `Lib.Dir`: a folder `Publisher.Name-1.2.3` or the package it came in. */
export interface VmExtension {
  readonly name: string;
  readonly version: string;
  readonly form: 'folder' | 'package';
  /** It holds settings, a status or a sequence number: the extension was set up on the source VM. */
  readonly configured: boolean;
  readonly evidence: Evidence;
}

/** `HANDLER_COMPLETE_NAME_PATTERN` and `_HANDLER_PKG_PATTERN` of azurelinuxagent/ga/exthandlers.py. */
const extensionName = /^([^-]+)-(\d+(?:\.\d+)*)(\.zip)?$/i;
const stagedAgent = /^WALinuxAgent-/;
/** Told by other facts: the markers by `agent`, the script of waagent-network-setup.service beside its unit. */
const toldElsewhere: ReadonlySet<string> = new Set(['provisioned', 'disable_agent', 'waagent-network-setup.py']);
const azureInitLog = '/var/log/azure-init.log';

export function stateFiles(
  rootFs: RootFs,
  libDir: string,
  entries: readonly DirectoryEntry[],
): readonly AgentStateFile[] {
  return entries.flatMap(({ name, type }): readonly AgentStateFile[] => {
    if (toldElsewhere.has(name) || stagedAgent.test(name) || extensionNamed({ name, type })) return [];
    const path = `${libDir}/${name}`;
    if (type === 'directory' && !holdsAnything(rootFs, path)) return [];
    return [{ kind: type === 'directory' ? 'state' : kindOf(name), evidence: { path } }];
  });
}

export function extensionsIn(rootFs: RootFs, libDir: string, entry: DirectoryEntry): readonly VmExtension[] {
  const named = extensionNamed(entry);
  if (named === undefined) return [];
  const path = `${libDir}/${entry.name}`;
  return [{ ...named, configured: isConfigured(rootFs, path), evidence: { path } }];
}

/** Logs of agent and extensions, and what azure-init keeps about the machines that it provisioned. */
export function logFiles(
  rootFs: RootFs,
  extensionLogDir: string,
  all: <T>(read: () => readonly T[]) => readonly T[],
): readonly AgentStateFile[] {
  const entriesOf = (directory: string) => all(() => rootFs.readDir(directory) ?? []);
  const agentLogs = entriesOf('/var/log').filter(({ name }) => /^waagent\.log/.test(name));
  const places = [
    ...agentLogs.map(({ name }) => ({ kind: 'log' as const, path: `/var/log/${name}` })),
    ...entriesOf(extensionLogDir).map(({ name }) => ({ kind: 'log' as const, path: `${extensionLogDir}/${name}` })),
    ...entriesOf('/var/lib/azure-init').map(({ name }) => ({
      kind: 'azure-init' as const,
      path: `/var/lib/azure-init/${name}`,
    })),
    { kind: 'azure-init' as const, path: azureInitLog },
  ];
  return places.flatMap(({ kind, path }) =>
    all(() => (isMarkerOrHoldsAnything(rootFs, path, kind) ? [{ kind, evidence: { path } }] : [])),
  );
}

function isMarkerOrHoldsAnything(rootFs: RootFs, path: string, kind: AgentStateFile['kind']): boolean {
  // azure-init's markers are empty files that count by their name; an emptied log counts for nothing.
  if (kind === 'azure-init' && path !== azureInitLog) return true;
  return holdsAnything(rootFs, path);
}

function kindOf(name: string): AgentStateFile['kind'] {
  if (/\.prv$|Private\.pem$|^Certificates\.(?:pem|pfx)$/.test(name)) return 'private-key';
  if (/\.(?:crt|pem|p7[bm])$|^Certificates\./.test(name)) return 'certificate';
  return /^ovf-env\.xml|^CustomData$/.test(name) ? 'provisioning' : 'state';
}

function extensionNamed(entry: DirectoryEntry): Pick<VmExtension, 'name' | 'version' | 'form'> | undefined {
  const match = extensionName.exec(entry.name);
  if (match === null || stagedAgent.test(entry.name)) return undefined;
  const [, name = '', version = '', zip] = match;
  const form = zip === undefined ? 'folder' : 'package';
  return (form === 'folder') === (entry.type === 'directory') ? { name, version, form } : undefined;
}

/** Files that `del_ext_handler_files` of azurelinuxagent/pa/deprovision/default.py removes, and the handler's state. */
function isConfigured(rootFs: RootFs, path: string): boolean {
  const named = (directory: string, pattern: RegExp) =>
    rootFs.readDir(directory)?.some(({ name }) => pattern.test(name)) ?? false;
  return (
    named(`${path}/config`, /\.settings$|^Handler(?:State|Status)$/) ||
    named(`${path}/status`, /\.status$/) ||
    rootFs.stat(`${path}/mrseq`) !== undefined
  );
}
