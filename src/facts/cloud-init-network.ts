import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { isMapping } from '../formats/cloud-config-merge.ts';
import { isList } from './cloud-config-value.ts';
import { type CloudConfig, type CloudConfigValue, cloudInit } from './cloud-init.ts';
import { matchesGlob, type PlacedValue } from './first-nic/nic.ts';

/** The `network` block of /etc/cloud, which goes before what Azure says of the machine. */
export interface CloudInitNetwork {
  /** `disabled`: cloud-init shall leave the network alone. */
  readonly block: 'absent' | 'disabled' | 'present';
  /** Where the block stands. */
  readonly evidence: readonly Evidence[];
  /** Fixed addresses and gateways. */
  readonly addresses: readonly PlacedValue[];
  readonly hardwareAddresses: readonly PlacedValue[];
  /** Interfaces by name or glob; empty when there are none. */
  readonly names: readonly string[];
  /** One of the interfaces is, or may be, eth0, and asks for DHCP. */
  readonly configuresFirstNic: boolean;
  /** `datasource: Azure: apply_network_config`, as the file has it; undefined when no file sets it. */
  readonly applyNetworkConfig?: { readonly value: CloudConfigValue; readonly evidence: readonly Evidence[] };
}

type Path = readonly (string | number)[];

interface Interface {
  readonly names: readonly string[];
  readonly dhcp: boolean;
}

/** What cloud-init's own configuration says about the network (cloudinit/stages.py `_find_networking_config`). */
export const cloudInitNetwork = defineFact<CloudInitNetwork>({
  id: 'cloud-init-network',
  description:
    'The network block of the merged cloud-init configuration, and apply_network_config of the Azure data source.',
  reads: ['/etc/cloud/cloud.cfg', '/etc/cloud/cloud.cfg.d/*.cfg'],
  async compute(context) {
    const { config } = await context.get(cloudInit);
    const applied = config.get('datasource', 'Azure', 'apply_network_config');
    const appliedAt = config.origin('datasource', 'Azure', 'apply_network_config');
    const common = {
      ...(applied !== undefined && {
        applyNetworkConfig: { value: applied, evidence: appliedAt ? [appliedAt] : [] },
      }),
    };
    const top = config.get('network');
    // cloud-init takes a second level away, as in the files of netplan.
    const isNested = isMapping(top) && isMapping(top['network']);
    const base = isNested ? ['network', 'network'] : ['network'];
    const block = isNested ? top['network'] : top;
    const origin = config.origin('network');
    const evidence = origin ? [origin] : [];
    const nothing = { evidence, addresses: [], hardwareAddresses: [], names: [], configuresFirstNic: false, ...common };
    if (!isMapping(block) || Object.keys(block).length === 0) return { block: 'absent', ...nothing };
    if (block['config'] === 'disabled') return { block: 'disabled', ...nothing };
    const found = [...entriesOf(block, base)];
    const place = ({ path, value }: Entry): PlacedValue => ({ value: String(value), evidence: locate(config, path) });
    const interfaces = [...ethernets(block), ...physical(block)];
    return {
      block: 'present',
      evidence,
      addresses: found.filter(isAddress).map(place),
      hardwareAddresses: found.filter(({ key }) => /^mac_?address$/.test(key)).map(place),
      names: interfaces.flatMap(({ names }) => names),
      configuresFirstNic: interfaces.some(
        ({ names, dhcp }) => dhcp && (names.length === 0 || names.some((name) => matchesGlob(name, 'eth0'))),
      ),
      ...common,
    };
  },
});

interface Entry {
  readonly key: string;
  readonly path: Path;
  readonly value: string;
}

/** Texts below a value with their paths; items of a list bear the name of the list. */
function* entriesOf(value: CloudConfigValue, path: Path): Generator<Entry> {
  if (typeof value === 'string') {
    const key = path.findLast((step) => typeof step === 'string');
    yield { key: String(key), path, value };
    return;
  }
  if (value instanceof Date || typeof value !== 'object' || value === null) return;
  const children: Iterable<readonly [string | number, CloudConfigValue]> = isList(value)
    ? value.entries()
    : Object.entries(value);
  for (const [key, child] of children) yield* entriesOf(child, [...path, key]);
}

/** Name servers are lists of the same name. */
function isAddress({ key, path }: Entry): boolean {
  return /^(?:address|addresses|gateway|gateway4)$/.test(key) && !path.includes('nameservers');
}

function locate(config: CloudConfig, path: Path): Evidence {
  const file = config.files.findLast((candidate) => candidate.lineOf(path) !== undefined);
  const line = file?.lineOf(path);
  return file ? { path: file.path, ...(line !== undefined && { line }) } : { path: '/etc/cloud/cloud.cfg' };
}

/** Version 2: `ethernets`, by `match` or by id. */
function ethernets(block: { readonly [key: string]: CloudConfigValue }): Interface[] {
  const devices = block['ethernets'];
  if (!isMapping(devices)) return [];
  return Object.entries(devices).map(([id, device]) => {
    const match = isMapping(device) ? device['match'] : undefined;
    const name = isMapping(match) ? match['name'] : id;
    return {
      names: typeof name === 'string' ? [name] : [],
      dhcp: isMapping(device) && (device['dhcp4'] === true || device['dhcp4'] === 'yes'),
    };
  });
}

/** Version 1: items of type `physical`. */
function physical(block: { readonly [key: string]: CloudConfigValue }): Interface[] {
  const items = block['config'];
  if (!isList(items)) return [];
  return items.flatMap((item) => {
    if (!isMapping(item) || item['type'] !== 'physical') return [];
    const subnets = isList(item['subnets']) ? item['subnets'] : [];
    const name = item['name'];
    return [
      {
        names: typeof name === 'string' ? [name] : [],
        dhcp: subnets.some((subnet) => isMapping(subnet) && /^dhcp4?$/.test(String(subnet['type']))),
      },
    ];
  });
}
