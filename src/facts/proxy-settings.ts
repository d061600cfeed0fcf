import { defineFact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import { parseAptConf } from '../formats/apt-conf.ts';
import { parseShellAssignments } from '../formats/shell-assignments.ts';
import { parseUnitFile, splitUnitList } from '../formats/systemd-unit.ts';
import { withoutCredentials } from '../formats/url-credentials.ts';
import { attempt, type CouldNotRead, isCouldNotRead } from '../image/could-not-read.ts';
import type { RootFs } from '../image/root-fs.ts';
import { agent } from './agent.ts';
import { expandGlob } from './expand-glob.ts';
import { managerFiles } from './manager-files.ts';
import { unitFiles } from './unit-files.ts';

/** A proxy that a program of the image is told to use. */
export interface ProxySetting {
  /**
   * `agent`: the agent itself, by its configuration or its environment. `services`: every service. `cloud-init`: a stage
   * of it. `packages`: a package manager. `shell`: people who log in.
   */
  readonly scope: 'agent' | 'services' | 'cloud-init' | 'packages' | 'shell';
  /** What is set: `HttpProxy.Host`, `https_proxy`. */
  readonly name: string;
  /** Without user name and password. */
  readonly proxy: string;
  readonly evidence: Evidence;
}

export interface ProxySettings {
  readonly settings: readonly ProxySetting[];
  readonly unread: readonly CouldNotRead[];
}

const variable = /^(?:https?|all|ftp)_proxy$/i;
const shellFiles = ['/etc/environment', '/etc/profile', '/etc/profile.d/*.sh', '/etc/bash.bashrc', '/etc/bashrc'];
const yumFiles = ['/etc/yum.conf', '/etc/dnf/dnf.conf', '/etc/yum.repos.d/*.repo'];
const aptFiles = ['/etc/apt/apt.conf', '/etc/apt/apt.conf.d/*'];

/** Proxies that waagent (`_get_http_proxy` of its restutil.py), cloud-init, package managers and shells would use. */
export const proxySettings = defineFact<ProxySettings>({
  id: 'proxy-settings',
  description: 'Proxies in waagent.conf, the environment of services, package managers and shells.',
  reads: [
    '/etc/waagent.conf',
    '/etc/systemd/system.conf',
    '/etc/sysconfig/proxy',
    ...shellFiles,
    ...yumFiles,
    ...aptFiles,
  ],
  async compute(context) {
    const { rootFs } = context;
    const { configuration, service } = await context.get(agent);
    const units = await context.get(unitFiles);
    const ofUnit = (name: string, scope: ProxySetting['scope']) =>
      units
        .settings(name)
        .filter(({ section, key }) => section === 'Service' && (key === 'Environment' || key === 'EnvironmentFile'))
        .flatMap(({ key, value, evidence }) =>
          key === 'Environment'
            ? inEnvironment(scope, value, evidence)
            : inFile(rootFs, scope, value.replace(/^-/, '')),
        );
    const stages = units.names.filter((name) => /^cloud-(?:init|config|final)[\w-]*\.service$/.test(name));
    const host = 'string' in configuration ? configuration.string('HttpProxy.Host') : undefined;
    const ofAgent = host?.value && host.evidence ? [setting('agent', 'HttpProxy.Host', host.value, host.evidence)] : [];
    const parts = [
      isCouldNotRead(configuration) ? configuration : [],
      attempt(() => ofUnit(service.name, 'agent')),
      attempt(() => stages.flatMap((name) => ofUnit(name, 'cloud-init'))),
      attempt(() => ofManager(rootFs)),
      ...shellFiles.map((pattern) =>
        attempt(() => expandGlob(rootFs, pattern).flatMap((path) => inFile(rootFs, 'shell', path))),
      ),
      attempt(() => ofSuse(rootFs)),
      ...yumFiles.map((pattern) => attempt(() => expandGlob(rootFs, pattern).flatMap((path) => ofYum(rootFs, path)))),
      ...aptFiles.map((pattern) => attempt(() => expandGlob(rootFs, pattern).flatMap((path) => ofApt(rootFs, path)))),
    ];
    return {
      settings: [...ofAgent, ...parts.flatMap((part) => (isCouldNotRead(part) ? [] : part))],
      unread: parts.filter(isCouldNotRead),
    };
  },
});

/** Credentials are masked in the value and in the line. */
function setting(
  scope: ProxySetting['scope'],
  name: string,
  value: string,
  { text, ...place }: Evidence,
): ProxySetting {
  return {
    scope,
    name,
    proxy: withoutCredentials(value),
    evidence: { ...place, ...(text !== undefined && { text: withoutCredentials(text) }) },
  };
}

function inEnvironment(scope: ProxySetting['scope'], assignments: string, evidence: Evidence): readonly ProxySetting[] {
  return splitUnitList(assignments).flatMap((word) => {
    const [, name = '', value = ''] = /^([A-Za-z_]+)=(.+)$/s.exec(word) ?? [];
    return variable.test(name) ? [setting(scope, name, value, evidence)] : [];
  });
}

/** A script counts by its plain assignments, wherever they stand; lines with commands are not run. */
function inFile(rootFs: RootFs, scope: ProxySetting['scope'], path: string): readonly ProxySetting[] {
  if (rootFs.stat(path)?.type !== 'file') return [];
  return parseShellAssignments(rootFs.readText(path) ?? '')
    .assignments.filter(({ key, value }) => variable.test(key) && value !== '' && !value.includes('$'))
    .map(({ key, value, line, text }) => setting(scope, key, value, { path, line, text: text.trim() }));
}

function ofManager(rootFs: RootFs): readonly ProxySetting[] {
  return managerFiles(rootFs).flatMap((path) =>
    parseUnitFile(rootFs.readText(path) ?? '')
      .assignments.filter(({ section, key }) => section === 'Manager' && /^(?:Default|Manager)Environment$/.test(key))
      .flatMap(({ value, line, text }) => inEnvironment('services', value, { path, line, text })),
  );
}

/** YaST's file, from which /etc/profile and zypper take the proxy when PROXY_ENABLED is yes. */
function ofSuse(rootFs: RootFs): readonly ProxySetting[] {
  const path = '/etc/sysconfig/proxy';
  const { byKey } = parseShellAssignments(rootFs.readText(path) ?? '');
  if (byKey.get('PROXY_ENABLED')?.value.toLowerCase() !== 'yes') return [];
  return [...byKey.values()]
    .filter(({ key, value }) => variable.test(key) && value !== '')
    .map(({ key, value, line, text }) => setting('packages', key, value, { path, line, text }));
}

function ofYum(rootFs: RootFs, path: string): readonly ProxySetting[] {
  return (rootFs.readText(path) ?? '').split('\n').flatMap((text, index) => {
    const value = /^proxy\s*=\s*(\S+)/.exec(text)?.[1];
    if (value === undefined || /^_?none_?$/i.test(value)) return [];
    return [setting('packages', 'proxy', value, { path, line: index + 1, text })];
  });
}

function ofApt(rootFs: RootFs, path: string): readonly ProxySetting[] {
  if (rootFs.stat(path)?.type !== 'file') return [];
  const text = rootFs.readText(path) ?? '';
  return parseAptConf(text)
    .filter(
      ({ name, value }) => /^Acquire::(?:https?|ftp)::Proxy(?:::|$)/i.test(name) && !/^(?:DIRECT|false)?$/i.test(value),
    )
    .map(({ name, value, line }) =>
      setting('packages', name, value, { path, line, text: (text.split('\n')[line - 1] ?? '').trim() }),
    );
}
