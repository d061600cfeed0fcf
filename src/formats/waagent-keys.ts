import leven from 'leven';

/**
 * Keys of waagent.conf and what the agent takes when a key is missing: the defaults that its getters pass in
 * azurelinuxagent/common/conf.py of version 2.15. Where the getter and the table that the agent logs disagree, the
 * getter counts.
 */

/** Keys read by `get_switch`. A string names the key whose value is the default. */
export const waagentSwitches: ReadonlyMap<string, boolean | string> = new Map<string, boolean | string>([
  ['AutoUpdate.Enabled', true],
  ['AutoUpdate.UpdateToLatestVersion', 'AutoUpdate.Enabled'],
  ['CGroups.Enabled', true],
  ['Debug.CgroupDisableOnProcessCheckFailure', true],
  ['Debug.CgroupDisableOnQuotaCheckFailure', true],
  ['Debug.CgroupLogMetrics', false],
  ['Debug.EnableAgentMemoryUsageCheck', false],
  ['Debug.EnableCgroupV2ResourceLimiting', true],
  ['Debug.EnableExtensionPolicy', false],
  ['Debug.EnableFastTrack', true],
  ['Debug.EnableGAVersioning', true],
  ['Debug.EnableRsmDowngrade', false],
  ['Debug.EnableSignatureValidation', false],
  ['DetectScvmmEnv', false],
  ['EnableOverProvisioning', true],
  ['Extensions.Enabled', true],
  ['Extensions.WaitForCloudInit', false],
  ['Logs.Collect', true],
  ['Logs.Console', true],
  ['Logs.Verbose', false],
  ['Monitor.NetworkConfigurationChanges', false],
  ['OS.AllowHTTP', false],
  ['OS.CheckRdmaDriver', true],
  ['OS.EnableFIPS', false],
  ['OS.EnableFirewall', false],
  ['OS.EnableRDMA', false],
  ['OS.UpdateRdmaDriver', false],
  ['Provisioning.AllowResetSysUser', false],
  ['Provisioning.DecodeCustomData', false],
  ['Provisioning.DeleteRootPassword', false],
  ['Provisioning.ExecuteCustomData', false],
  ['Provisioning.MonitorHostName', false],
  ['Provisioning.RegenerateSshHostKeyPair', false],
  ['ResourceDisk.EnableSwap', false],
  ['ResourceDisk.EnableSwapEncryption', false],
  ['ResourceDisk.Format', false],
]);

/** Switches that agents up to 2.2.44 read and later ones do not know. */
export const waagentLegacySwitches: ReadonlyMap<string, boolean> = new Map([
  ['Provisioning.Enabled', true],
  ['Provisioning.UseCloudInit', false],
]);

/** Keys read by `get`. */
export const waagentStrings: ReadonlyMap<string, string | undefined> = new Map<string, string | undefined>([
  ['AutoUpdate.GAFamily', 'Prod'],
  ['DVD.MountPoint', '/mnt/cdrom/secure'],
  ['Extension.LogDir', '/var/log/azure'],
  ['HttpProxy.Host', undefined],
  ['Lib.Dir', '/var/lib/waagent'],
  ['OS.HomeDir', '/home'],
  ['OS.OpensslPath', '/usr/bin/openssl'],
  ['OS.PasswordPath', '/etc/shadow'],
  ['OS.RootDeviceScsiTimeout', undefined],
  // The agent pastes it into sshd_config unseen, so a number that is none stays one.
  ['OS.SshClientAliveInterval', '180'],
  ['OS.SshDir', '/etc/ssh'],
  ['OS.SudoersDir', '/etc/sudoers.d'],
  ['Pid.File', '/var/run/waagent.pid'],
  ['Policy.PolicyFilePath', '/etc/waagent_policy.json'],
  ['Protocol.EndpointDiscovery', 'dhcp'],
  ['Provisioning.Agent', 'auto'],
  ['Provisioning.PasswordCryptId', '6'],
  ['Provisioning.SshHostKeyPairType', 'rsa'],
  ['ResourceDisk.Filesystem', 'ext3'],
  ['ResourceDisk.MountOptions', undefined],
  ['ResourceDisk.MountPoint', '/mnt/resource'],
]);

/** Keys read by `get_int`. A string names the key whose value is the default. */
export const waagentInts: ReadonlyMap<string, number | string | undefined> = new Map<
  string,
  number | string | undefined
>([
  ['Autoupdate.Frequency', 3600],
  ['Debug.AgentCpuQuota', 50],
  ['Debug.AgentCpuThrottledTimeThreshold', 120],
  ['Debug.AgentMemoryQuota', 31_457_280],
  ['Debug.CgroupCheckPeriod', 300],
  ['Debug.EtpCollectionPeriod', 300],
  ['Debug.FirewallRulesLogPeriod', 86_400],
  ['Debug.LogCollectorInitialDelay', 300],
  ['Debug.SelfUpdateHotfixFrequency', 14_400],
  ['Debug.SelfUpdateRegularFrequency', 86_400],
  ['Extensions.GoalStatePeriod', 6],
  ['Extensions.InitialGoalStatePeriod', 'Extensions.GoalStatePeriod'],
  ['Extensions.WaitForCloudInitTimeout', 3600],
  ['HttpProxy.Port', undefined],
  ['Logs.CollectPeriod', 3600],
  ['OS.EnableFirewallPeriod', 300],
  ['OS.MonitorDhcpClientRestartPeriod', 30],
  ['OS.RemovePersistentNetRulesPeriod', 30],
  ['OS.RootDeviceScsiTimeoutPeriod', 30],
  ['Provisioning.MonitorHostNamePeriod', 30],
  ['Provisioning.PasswordCryptSaltLength', 10],
  ['ResourceDisk.SwapSizeMB', 0],
]);

/** Numbers that the agent reads with `get_switch` by mistake, so that they never take effect. */
export const waagentNumbersReadAsSwitch: ReadonlySet<string> = new Set(['Extensions.WaitForCloudInitTimeout']);

/** Keys that images carry although no current agent reads them, with the key that does the work, if there is one. */
export const waagentDeadKeys: ReadonlyMap<string, string | undefined> = new Map<string, string | undefined>([
  ['CGroups.EnforceLimits', undefined],
  ['CGroups.Excluded', undefined],
  ['Home.Dir', 'OS.HomeDir'],
  ['LBProbeResponder', undefined],
  ['Network.Interface', undefined],
  ['OS.SshdConfigPath', undefined],
  ['Provisioning.Enabled', undefined],
  ['Provisioning.UseCloudInit', undefined],
  ['Role.ConfigurationConsumer', undefined],
  ['Role.StateConsumer', undefined],
  ['Role.TopologyConsumer', undefined],
]);

const byLowerCase = new Map(
  [waagentSwitches, waagentStrings, waagentInts].flatMap((keys) =>
    [...keys.keys()].map((key) => [key.toLowerCase(), key]),
  ),
);

/** The key that was meant, when the agent does not know `key` but knows it in another spelling. */
export function waagentKeyMeantBy(key: string): string | undefined {
  const meant = waagentDeadKeys.get(key) ?? byLowerCase.get(key.toLowerCase());
  return meant === key ? undefined : meant;
}

/** Whether the agent's getters ask for the key, or an older one did. */
export function isWaagentKey(key: string): boolean {
  return [waagentSwitches, waagentStrings, waagentInts, waagentDeadKeys].some((keys) => keys.has(key));
}

/** Most letters by which a misspelt key differs from the one that was meant. */
const mostTypos = 2;

/** The key that a misspelt one resembles; undefined for a key that the agent knows, or that resembles none. */
export function waagentKeyLike(key: string): string | undefined {
  if (isWaagentKey(key) || key.length > 100) return undefined;
  const ranked = [...byLowerCase.values()]
    .map((candidate) => ({ candidate, typos: leven(candidate.toLowerCase(), key.toLowerCase()) }))
    .filter(({ typos }) => typos <= mostTypos)
    .toSorted((a, b) => a.typos - b.typos);
  return ranked[0]?.candidate;
}
