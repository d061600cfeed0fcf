import type { Evidence } from '../../engine/model.ts';
import { attempt, isCouldNotRead } from '../../image/could-not-read.ts';
import type { RootFs } from '../../image/root-fs.ts';

/** A unit or drop-in that a running agent writes. */
export interface AgentUnit {
  readonly kind: 'network-setup' | 'resource-control';
  readonly evidence: Evidence;
  /**
   * For `network-setup`: the script that the unit runs is gone and no condition keeps the unit from starting, so that
   * it fails on each boot.
   */
  readonly fails: boolean;
}

const directories = ['/etc/systemd/system', '/usr/lib/systemd/system', '/lib/systemd/system'];
/** Service names of azurelinuxagent/common/osutil: `get_service_name`. */
const services = ['waagent', 'walinuxagent'];
/** azurelinuxagent/ga/cgroupconfigurator.py. */
const dropIns = ['10-Slice.conf', '11-CPUAccounting.conf', '12-CPUQuota.conf', '13-MemoryAccounting.conf'];
const slices = ['azure-walinuxagent-logcollector.slice', 'system-walinuxagent.extensions.slice'];

/** What `del_persist_firewall_rules` and `remove_agent_cgroup_config` of azurelinuxagent/pa/deprovision/default.py remove. */
export function agentUnits(rootFs: RootFs, libDir: string): readonly AgentUnit[] {
  const names = [
    ...services.map((service) => `${service}-network-setup.service`),
    ...services.flatMap((service) => dropIns.map((dropIn) => `${service}.service.d/${dropIn}`)),
    ...slices,
  ];
  const real = new Map<string, string>();
  for (const path of directories.flatMap((directory) => names.map((name) => `${directory}/${name}`))) {
    // A masked unit is a link to /dev/null, and /lib may be a link to /usr/lib.
    const realPath = rootFs.stat(path)?.type === 'file' ? rootFs.realPath(path) : undefined;
    if (realPath !== undefined && !real.has(realPath)) real.set(realPath, path);
  }
  const packaged = real.size === 0 ? new Set<string>() : packagedFiles(rootFs);
  return [...real].flatMap(([realPath, path]): readonly AgentUnit[] => {
    if (packaged.has(path) || packaged.has(realPath) || packaged.has(realPath.replace(/^\/usr/, ''))) return [];
    return path.endsWith('-network-setup.service')
      ? [{ kind: 'network-setup', evidence: { path }, fails: fails(rootFs, path, libDir) }]
      : [{ kind: 'resource-control', evidence: { path }, fails: false }];
  });
}

/** azurelinuxagent/ga/persist_firewall_rules.py; `ConditionPathExists=` came with a later version of the unit. */
function fails(rootFs: RootFs, path: string, libDir: string): boolean {
  const hasCondition = /^ConditionPathExists=/m.test(rootFs.readText(path) ?? '');
  if (hasCondition) return false;
  const script = attempt(() => rootFs.stat(`${libDir}/waagent-network-setup.py`));
  return !isCouldNotRead(script) && script === undefined;
}

/** Ubuntu's package brings a drop-in of the same name as the agent's. */
function packagedFiles(rootFs: RootFs): ReadonlySet<string> {
  const lists = ['waagent', 'walinuxagent'].map((name) => rootFs.readText(`/var/lib/dpkg/info/${name}.list`) ?? '');
  return new Set(lists.flatMap((list) => list.split('\n')));
}
