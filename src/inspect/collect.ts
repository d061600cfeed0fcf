import type { Fact } from '../engine/define.ts';
import type { Evidence } from '../engine/model.ts';
import type { Scan } from '../engine/scan.ts';
import { type Account, accounts } from '../facts/accounts.ts';
import { type Agent, agent } from '../facts/agent.ts';
import { architecture } from '../facts/architecture.ts';
import { type CloudInit, cloudInit } from '../facts/cloud-init.ts';
import { distribution } from '../facts/distribution.ts';
import { firstBoot } from '../facts/first-boot.ts';
import { kernelCommandLine } from '../facts/kernel-command-line.ts';
import { kernels } from '../facts/kernels.ts';
import { type UnitFiles, type UnitState, unitFiles } from '../facts/unit-files.ts';
import { attempt, isCouldNotRead } from '../image/could-not-read.ts';
import { collectDisk } from './disk.ts';

/** Something the scan could not read, in place of what it would have been. */
export interface Unread {
  readonly unread: string;
}

/** Units that have a say in how a VM comes up in Azure; those an image lacks are left out. */
const unitsOfInterest = [
  'waagent.service',
  'walinuxagent.service',
  'cloud-init-main.service',
  'cloud-init-local.service',
  'cloud-init-network.service',
  'cloud-init.service',
  'cloud-config.service',
  'cloud-final.service',
  'azure-init.service',
  'afterburn.service',
  'ssh.service',
  'sshd.service',
  'NetworkManager.service',
  'systemd-networkd.service',
  'networking.service',
  'wicked.service',
  'chrony.service',
  'chronyd.service',
  'systemd-timesyncd.service',
  'hypervkvpd.service',
  'hv-kvp-daemon.service',
  'serial-getty@ttyS0.service',
] as const;

/** What the scanner sees in an image, as plain data for the reports of `inspect`. */
export async function collectInspection(scan: Scan, target: string, kind: string) {
  return {
    target,
    kind,
    ...(scan.disk && { disk: collectDisk(scan.disk, scan.disk.plan) }),
    distribution: await see(scan, distribution, (value) => value ?? null),
    architecture: await see(scan, architecture, (value) => value ?? null),
    kernels: await see(scan, kernels, (value) => value),
    firstBoot: await see(scan, firstBoot, (value) => value),
    bootEntries: await see(scan, kernelCommandLine, ({ entries }) =>
      entries.map(({ title, isDefault, kernel, parameters, evidence }) => ({
        title,
        isDefault,
        kernel: kernel ?? null,
        commandLine: parameters.map(({ text }) => text).join(' '),
        evidence,
      })),
    ),
    agent: await see(scan, agent, agentView),
    cloudInit: await see(scan, cloudInit, cloudInitView),
    accounts: await see(scan, accounts, (value) => ({
      accounts: value.accounts.filter(isOfInterest).map(accountView),
      sudo: value.sudoGrants.map(({ subject, passwordless, evidence }) => ({ subject, passwordless, evidence })),
      unread: value.unread.map(({ message }) => message),
    })),
    units: await see(scan, unitFiles, (value) =>
      unitsOfInterest
        .map((name) => unitOrUnread(value, name))
        .filter((unit) => isUnread(unit) || unit.state !== 'absent'),
    ),
  };
}

export type Inspection = Awaited<ReturnType<typeof collectInspection>>;

export type UnitInspection = ReturnType<typeof unitView>;

export function isUnread(value: unknown): value is Unread {
  return typeof value === 'object' && value !== null && 'unread' in value && typeof value.unread === 'string';
}

async function see<T, V>(scan: Scan, fact: Fact<T>, view: (value: T) => V): Promise<V | Unread> {
  const value = await scan.attempt(fact);
  // Some facts read on when they are asked for a part.
  const seen = isCouldNotRead(value) ? value : attempt(() => view(value));
  return isCouldNotRead(seen) ? { unread: seen.message } : seen;
}

function agentView({ installed, version, configuration, service, disableMarker, provisionedMarker }: Agent) {
  const common = {
    installed,
    version: version?.text ?? null,
    service: unitView(service),
    markers: [disableMarker, provisionedMarker].flatMap((marker) => (marker ? [marker.path] : [])),
  };
  if (isCouldNotRead(configuration)) return { ...common, configuration: { unread: configuration.message } };
  if ('defect' in configuration) {
    return { ...common, configuration: { unread: `${configuration.path}: ${configuration.defect}` } };
  }
  const { path, assignments } = configuration;
  return { ...common, configuration: { path, assignments } };
}

function cloudInitView({ installed, version, config, stages, switches, search, obstacles }: CloudInit) {
  return {
    installed,
    version: version?.text ?? null,
    files: config.files.map(({ path, state, problem }) => ({ path, state, ...(problem && { problem }) })),
    unread: config.unread.map(({ message }) => message),
    stages: stages.map(unitView),
    switches: switches.map(({ kind, effective, evidence }) => ({ kind, effective, evidence })),
    dataSource: { result: search.result, list: search.list ?? null, reason: search.reason },
    obstacles: obstacles.map(({ message }) => message),
  };
}

/** People, root, and whoever can log in. */
function isOfInterest({ name, isHuman, hasLoginShell }: Account): boolean {
  return isHuman || hasLoginShell || name === 'root';
}

function accountView({ name, uid, home, shell, password, authorizedKeys, sudo }: Account) {
  return {
    name,
    uid,
    home,
    shell,
    password: isCouldNotRead(password) ? { unread: password.message } : password.state,
    authorizedKeys: authorizedKeys.reduce((sum, file) => sum + (isCouldNotRead(file) ? 0 : file.keys.length), 0),
    unreadKeys: authorizedKeys.flatMap((file) => (isCouldNotRead(file) ? [file.message] : [])),
    sudo: sudo.length > 0,
  };
}

/** One that cannot be read does not hide the others. */
function unitOrUnread(units: UnitFiles, name: string) {
  const state = attempt(() => units.state(name));
  return isCouldNotRead(state) ? { name, unread: state.message } : unitView(state);
}

function unitView({ name, state, startsAtBoot, evidence, fragmentPath }: UnitState) {
  return {
    name,
    state,
    startsAtBoot,
    path: fragmentPath ?? null,
    evidence: evidence.map((item): Evidence => item),
  };
}
