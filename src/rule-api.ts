/**
 * All that a rule may import, built-in or plugin: the words to state a verdict, and the facts.
 * One line a fact, sorted by module.
 */
export * from './engine/define.ts';
export type * from './engine/model.ts';
export { credentialsOf } from './facts/account-credentials.ts';
export { type Account, type Accounts, accounts, type SudoGrant } from './facts/accounts.ts';
export { type Agent, type AgentConfiguration, agent, type RejectedValue } from './facts/agent.ts';
export { type AgentState, type AgentStateFile, agentState } from './facts/agent-state.ts';
export { architecture, type ExecutableFormat, executableFormat } from './facts/architecture.ts';
export { type CloudConfig, type CloudInit, cloudInit } from './facts/cloud-init.ts';
export { type CloudInitModules, cloudInitModules } from './facts/cloud-init-modules.ts';
export { type CloudInitState, cloudInitState } from './facts/cloud-init-state.ts';
export { type CloudInitUsers, cloudInitUsers } from './facts/cloud-init-users.ts';
export {
  type ConfiguredCredential,
  type ConfiguredCredentials,
  configuredCredentials,
} from './facts/configured-credentials.ts';
export { type Decision, decide, decisionTable, storageNames, storagesFor } from './facts/decision-table.ts';
export { type DhcpLeaseFile, type DhcpLeases, dhcpLeases } from './facts/dhcp-leases.ts';
export { type Distribution, distribution } from './facts/distribution.ts';
export { family } from './facts/family.ts';
export { type FileSystemTable, type FileSystemTableEntry, fileSystemTable } from './facts/file-system-table.ts';
export { notForCloudInit } from './facts/first-boot/chosen.ts';
export { type FirstBoot, firstBoot } from './facts/first-boot.ts';
export {
  type GeneratedNetwork,
  type GeneratedNetworkFile,
  generatedNetwork,
  type NetworkBinding,
} from './facts/generated-network.ts';
export { type HostKeyRenewal, hostKeyRenewal } from './facts/host-key-renewal.ts';
export { type HostRenamers, hostRenamers } from './facts/host-renamers.ts';
export { type HostName, type HostNameUse, hostname } from './facts/hostname.ts';
export { type InstallerLeftovers, installerLeftovers, type LeftoverTrait } from './facts/installer-leftovers.ts';
export { type KernelCommandLine, kernelCommandLine } from './facts/kernel-command-line.ts';
export { type InstalledKernel, installedKernels, kernels } from './facts/kernels.ts';
export { type MachineId, machineId } from './facts/machine-id.ts';
export { type Resolver, resolver } from './facts/resolver.ts';
export { type Secret, type SecretKind, type Secrets, secrets } from './facts/secrets.ts';
export { type HistoryFile, type ShellHistories, shellHistories } from './facts/shell-histories.ts';
export { type SignKind, type SignsOfUse, signsOfUse } from './facts/signs-of-use.ts';
export { type SshServer, sshServer } from './facts/ssh-server.ts';
export { type UnitFiles, unitFiles } from './facts/unit-files.ts';
export { type UnitPresets, unitPresets } from './facts/unit-presets.ts';
export {
  type VendorRegistration,
  type VendorRegistrations,
  vendorRegistrations,
} from './facts/vendor-registrations.ts';
export { type WaysToLogIn, waysToLogIn } from './facts/ways-to-log-in.ts';
export { type CouldNotRead, describeUnread, isCouldNotRead } from './image/could-not-read.ts';
