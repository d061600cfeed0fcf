import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { parseKeyfile } from '../formats/network-manager-keyfile.ts';
import { type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import type { RootFs } from '../image/root-fs.ts';
import { type FoundFile, filesByName } from './first-nic/files.ts';

export interface NetworkManagerSetting {
  readonly group: string;
  readonly key: string;
  readonly value: string;
  /** The lines that the value comes from, the last one first. */
  readonly evidence: readonly Evidence[];
}

/** What a device is known by to the specifications of NetworkManager. */
export interface DeviceTraits {
  readonly name: string;
  readonly type: string;
  readonly driver: string;
}

export interface NetworkManagerConfig {
  readonly settings: readonly NetworkManagerSetting[];
  get(group: string, key: string): NetworkManagerSetting | undefined;
  /** The setting that keeps NetworkManager from managing such a device; undefined when it manages it. */
  unmanagedBy(device: DeviceTraits): NetworkManagerSetting | undefined;
  /** The setting that keeps it from making up a DHCP connection for such a device that has no profile. */
  noAutomaticConnection(device: DeviceTraits): NetworkManagerSetting | undefined;
  readonly unread: readonly CouldNotRead[];
}

const mainFile = '/etc/NetworkManager/NetworkManager.conf';
const directories = ['/etc', '/run', '/usr/lib', '/lib'].map((parent) => `${parent}/NetworkManager/conf.d`);

/** Configuration of NetworkManager after merging, as `nm-config.c` `read_entire_config` merges it. */
export const networkManager = defineFact<NetworkManagerConfig>({
  id: 'network-manager',
  description:
    'Settings of NetworkManager.conf and conf.d, which devices it leaves alone, and its automatic connection.',
  reads: [mainFile, '/{etc,run,usr/lib}/NetworkManager/conf.d/*.conf'],
  compute({ rootFs }) {
    const found = filesByName(rootFs, directories, (name) => name.endsWith('.conf'));
    const files = found.filter((file): file is FoundFile => !isCouldNotRead(file));
    // Drop-ins of /usr/lib and /run come before NetworkManager.conf, those of /etc after it.
    const [late, early] = [true, false].map((isEtc) => files.filter(({ path }) => path.startsWith('/etc/') === isEtc));
    const main = readMain(rootFs);
    const settings = mergeSettings([...(early ?? []), ...(isCouldNotRead(main) ? [] : main), ...(late ?? [])]);
    const get = (group: string, key: string) =>
      settings.find((setting) => setting.group === group && setting.key === key);
    const unread = [...found.filter(isCouldNotRead), ...(isCouldNotRead(main) ? [main] : [])];
    return {
      settings,
      get,
      unmanagedBy: (device) => unmanagedBy(settings, device),
      noAutomaticConnection(device) {
        const setting = get('main', 'no-auto-default');
        return setting && matchesSpecs(setting.value, device) ? setting : undefined;
      },
      unread,
    };
  },
});

function readMain(rootFs: RootFs): readonly FoundFile[] | CouldNotRead {
  try {
    const text = rootFs.readText(mainFile);
    return text === undefined ? [] : [{ name: 'NetworkManager.conf', path: mainFile, text }];
  } catch (error) {
    if (isCouldNotRead(error)) return error;
    throw error;
  }
}

/** Later files replace values; `key+=value` adds to a list and `key-=value` takes from it. */
function mergeSettings(files: readonly FoundFile[]): readonly NetworkManagerSetting[] {
  const merged = new Map<string, NetworkManagerSetting>();
  for (const { path, text } of files) {
    const { entries, problems } = parseKeyfile(text);
    if (problems.length > 0) continue;
    const isOff = entries.some(
      ({ group, key, value }) => group === '.config' && key === 'enable' && /^(?:no|false|0|off)$/i.test(value),
    );
    if (isOff) continue;
    const lines = text.split('\n');
    for (const { group, key: written, value, line } of entries) {
      const operator = /[+-]$/.exec(written)?.[0];
      const key = operator ? written.slice(0, -1) : written;
      const id = `${group}\n${key}`;
      const before = merged.get(id);
      const evidence = { path, line, text: (lines[line - 1] ?? '').trim() };
      const items = operator ? splitSpecs(before?.value ?? '') : [];
      const own = splitSpecs(value);
      const joined = operator === '-' ? items.filter((item) => !own.includes(item)) : [...items, ...own];
      merged.set(id, {
        group,
        key,
        value: operator ? joined.join(';') : value,
        evidence: operator ? [evidence, ...(before?.evidence ?? [])] : [evidence],
      });
    }
  }
  return [...merged.values()];
}

function unmanagedBy(
  settings: readonly NetworkManagerSetting[],
  device: DeviceTraits,
): NetworkManagerSetting | undefined {
  const listed = settings.find(({ group, key }) => group === 'keyfile' && key === 'unmanaged-devices');
  if (listed && matchesSpecs(listed.value, device)) return listed;
  const groups = settings.filter(({ group, key }) => group.startsWith('device') && key === 'managed');
  return groups.find(({ group, value }) => {
    const match = settings.find((setting) => setting.group === group && setting.key === 'match-device');
    return /^(?:0|no|false|off)$/i.test(value) && (match === undefined || matchesSpecs(match.value, device));
  });
}

function splitSpecs(value: string): string[] {
  return value
    .split(/[,;]/)
    .map((spec) => spec.trim())
    .filter((spec) => spec !== '');
}

/** `nm_match_spec_device`: one matching `except:` decides against; a list of nothing else matches all the rest. */
export function matchesSpecs(value: string, device: DeviceTraits): boolean {
  const specs = splitSpecs(value);
  const exceptions = specs.filter((spec) => spec.startsWith('except:')).map((spec) => spec.slice('except:'.length));
  const others = specs.filter((spec) => !spec.startsWith('except:'));
  if (exceptions.some((spec) => matchesSpec(spec, device))) return false;
  return others.length === 0 ? exceptions.length > 0 : others.some((spec) => matchesSpec(spec, device));
}

function matchesSpec(spec: string, { name, type, driver }: DeviceTraits): boolean {
  const [, tag, rest = ''] = /^(interface-name|type|driver|mac|s390-subchannels|dhcp-plugin):(.*)$/s.exec(spec) ?? [];
  if (tag === undefined) return spec === '*' || globs(spec, name);
  if (tag === 'interface-name')
    return rest.startsWith('=') ? rest.slice(1) === name : globs(rest.replace(/^~/, ''), name);
  if (tag === 'type') return rest === type;
  return tag === 'driver' && globs(rest.replace(/\/.*$/, ''), driver);
}

/** NetworkManager's own patterns know `*` and `?` only. */
function globs(pattern: string, text: string): boolean {
  const source = pattern.replace(/[.*+?^${}()|[\]\\]/g, (c) => (c === '*' ? '.*' : c === '?' ? '.' : `\\${c}`));
  return pattern.length <= 64 && new RegExp(`^${source.replace(/(?:\.\*)+/g, '.*')}$`, 's').test(text);
}
