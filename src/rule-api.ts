/**
 * All that a rule may import, built-in or plugin: the words to state a verdict, and the facts.
 * One line a fact, sorted by module.
 */
export { acceptedOlderOpenssl, type MinimumVersion, minimumVersions } from './data/minimum-versions.ts';
export * from './engine/define.ts';
export { type Fix, type FixByFamily, quoteForShell, steps } from './engine/fix.ts';
export * from './engine/fix-commands.ts';
export * from './engine/fix-network.ts';
export type * from './engine/model.ts';
export { credentialsOf } from './facts/account-credentials.ts';
export { type Account, type Accounts, accounts, type SudoGrant } from './facts/accounts.ts';
export { usableConfiguration } from './facts/agent/usable-configuration.ts';
export { type Agent, type AgentConfiguration, agent, type RejectedValue } from './facts/agent.ts';
export { type AgentLeftovers, agentLeftovers } from './facts/agent-leftovers.ts';
export { type AgentRuntime, agentRuntime } from './facts/agent-runtime.ts';
export { type AgentSshConfiguration, agentSshConfiguration } from './facts/agent-ssh-configuration.ts';
export { type AgentState, type AgentStateFile, agentState } from './facts/agent-state.ts';
export { architecture, type ExecutableFormat, executableFormat } from './facts/architecture.ts';
export { type AzureEndpoints, azureEndpoints } from './facts/azure-endpoints.ts';
export { type AzureVmUtils, azureVmUtils } from './facts/azure-vm-utils.ts';
export { type BiosGrub, biosGrub } from './facts/bios-grub.ts';
export { type BootKernel, type BootKernels, bootKernels, type LocatedBootEntry } from './facts/boot-kernels.ts';
export { type BootSignatures, bootSignatures, type SignedProgram } from './facts/boot-signatures.ts';
export { type BootTarget, bootTarget } from './facts/boot-target.ts';
export { type BuildResidue, buildResidue, type Residue } from './facts/build-residue.ts';
export { type Chrony, chrony, type ReferenceClock } from './facts/chrony.ts';
export { type ClockSettings, clockSettings } from './facts/clock-settings.ts';
export { type CloudConfig, type CloudInit, cloudInit } from './facts/cloud-init.ts';
export { type CloudInitDiskSetup, cloudInitDiskSetup } from './facts/cloud-init-disk-setup.ts';
export { type CloudInitModules, cloudInitModules } from './facts/cloud-init-modules.ts';
export { type CloudInitNetwork, cloudInitNetwork } from './facts/cloud-init-network.ts';
export { type CloudInitOutput, cloudInitOutput } from './facts/cloud-init-output.ts';
export { type CloudInitRuntime, cloudInitRuntime } from './facts/cloud-init-runtime.ts';
export { type CloudInitScript, type CloudInitScripts, cloudInitScripts } from './facts/cloud-init-scripts.ts';
export { type CloudInitState, cloudInitState } from './facts/cloud-init-state.ts';
export { type CloudInitUsers, cloudInitUsers } from './facts/cloud-init-users.ts';
export {
  type ConfiguredCredential,
  type ConfiguredCredentials,
  configuredCredentials,
} from './facts/configured-credentials.ts';
export { type CoreFile, type CoreFiles, coreFiles } from './facts/core-files.ts';
export { type CustomReporter, customReporter } from './facts/custom-reporter.ts';
export { type Decision, decide, decisionTable, storageNames, storagesFor } from './facts/decision-table.ts';
export { type DhcpClients, type DhcpProgram, dhcpClients } from './facts/dhcp-clients.ts';
export { type DhcpLeaseFile, type DhcpLeases, dhcpLeases } from './facts/dhcp-leases.ts';
export { type BootCode, bootCode } from './facts/disk/boot-code.ts';
export {
  type BootAbility,
  type BootGeneration,
  bootGeneration,
  generationOf,
  notForGeneration,
  withoutGeneration2,
} from './facts/disk/boot-generation.ts';
export { containerFinding, toVhd } from './facts/disk/container-finding.ts';
export { type DiskFile, diskFile } from './facts/disk/disk-file.ts';
export { type DiskLayout, type DiskVolume, diskLayout } from './facts/disk/disk-layout.ts';
export { type EfiPartition, efiPartition } from './facts/disk/efi-partition.ts';
export { type FirstMib, firstMib } from './facts/disk/first-mib.ts';
export { hiddenVolumes, logicalVolumeNamed, mappedVolumeName } from './facts/disk/logical-volumes.ts';
export { DISK } from './facts/disk/places.ts';
export { reportsSize, sizeLimits } from './facts/disk/size-limits.ts';
export { GIB, MIB, sizeText, toWholeMib } from './facts/disk/sizes.ts';
export { type SwapPartitions, swapPartitions } from './facts/disk/swap-partitions.ts';
export { type Distribution, distribution } from './facts/distribution.ts';
export { type EndpointProtection, endpointProtection } from './facts/endpoint-protection.ts';
export { type Executables, executables } from './facts/executables.ts';
export { family } from './facts/family.ts';
export { type FileSystemTable, type FileSystemTableEntry, fileSystemTable } from './facts/file-system-table.ts';
export { type FipsMode, fipsMode } from './facts/fips-mode.ts';
export { type Firewall, type Firewalls, firewall } from './facts/firewall.ts';
export { notForCloudInit } from './facts/first-boot/chosen.ts';
export { type FirstBoot, firstBoot } from './facts/first-boot.ts';
export {
  type FirstNic,
  firstNic,
  type NicClaim,
  type NicObstacle,
  type NicProfile,
  type PlacedValue,
} from './facts/first-nic.ts';
export { type FlatcarOem, flatcarOem } from './facts/flatcar-oem.ts';
export { type Footprint, footprint } from './facts/footprint.ts';
export {
  type GeneratedNetwork,
  type GeneratedNetworkFile,
  generatedNetwork,
  type NetworkBinding,
} from './facts/generated-network.ts';
export { type GrubConsole, grubConsoles } from './facts/grub-console.ts';
export { type GrubDefaults, type GrubSetting, grubDefaults } from './facts/grub-defaults.ts';
export { type GrubEnvironmentFile, grubEnvironments } from './facts/grub-environments.ts';
export { type HostKeyRenewal, hostKeyRenewal } from './facts/host-key-renewal.ts';
export { type HostRenamers, hostRenamers } from './facts/host-renamers.ts';
export { type HostName, type HostNameUse, hostname } from './facts/hostname.ts';
export { type HypervDaemons, hypervDaemons } from './facts/hyperv-daemons.ts';
export { type ImageOrigin, imageOrigin } from './facts/image-origin.ts';
export { type Initramfs, initramfs, type KernelInitramfs, nvmeInitramfs } from './facts/initramfs.ts';
export { type InitramfsConfiguration, initramfsConfiguration } from './facts/initramfs-configuration.ts';
export { type InstallerLeftovers, installerLeftovers, type LeftoverTrait } from './facts/installer-leftovers.ts';
export { type InterfaceNaming, interfaceNaming } from './facts/interface-naming.ts';
export { judgementDay } from './facts/judgement-day.ts';
export {
  isRescueEntry,
  judgeEntries,
  lastValue,
  parametersNamed,
  withoutDefaultEntry,
} from './facts/kernel-command-line/parameters.ts';
export { type BootEntry, type KernelCommandLine, kernelCommandLine } from './facts/kernel-command-line.ts';
export { surveyDrivers, type WantedDriver } from './facts/kernel-modules/survey.ts';
export { type Driver, type KernelDrivers, type KernelModules, kernelModules } from './facts/kernel-modules.ts';
export { type KernelVersion, kernelVersions } from './facts/kernel-versions.ts';
export { type InstalledKernel, installedKernels, kernels } from './facts/kernels.ts';
export { type Lifecycle, lifecycle } from './facts/lifecycle.ts';
export { type LoaderEntryFile, loaderEntries } from './facts/loader-entries.ts';
export { logicalRoot } from './facts/logical-root.ts';
export { type MachineId, machineId } from './facts/machine-id.ts';
export { type ModprobeBlock, type ModprobeRules, modprobeRules } from './facts/modprobe-rules.ts';
export { type ModuleOptions, moduleOptions } from './facts/module-options.ts';
export { type ModuleSignatures, moduleSignatures } from './facts/module-signatures.ts';
export { monolithicKernels } from './facts/monolithic-kernels.ts';
export { withinOsDisk } from './facts/mount-plan/os-disk-paths.ts';
export { ownEntries } from './facts/mount-plan/own-entries.ts';
export { type DeviceKind, type MountPlan, mountPlan, type PlannedMount } from './facts/mount-plan.ts';
export { type NetworkDefaults, networkDefaults } from './facts/network-defaults.ts';
export { type NetworkManagerConfig, networkManager } from './facts/network-manager.ts';
export {
  type NetworkService,
  type NetworkServices,
  type NetworkStack,
  networkServices,
} from './facts/network-services.ts';
export { type Omi, omi } from './facts/omi.ts';
export { type OpensslVersion, opensslVersion } from './facts/openssl.ts';
export { type InstalledPackage, type Packages, packages } from './facts/packages.ts';
export { type PrivilegeSeparation, privilegeSeparation } from './facts/privilege-separation.ts';
export { type ProtectedFile, type ProtectedFiles, protectedFiles } from './facts/protected-files.ts';
export { type ProvisioningDvd, provisioningDvd } from './facts/provisioning-dvd.ts';
export { type ProxySetting, type ProxySettings, proxySettings } from './facts/proxy-settings.ts';
export { type Python, type PythonInterpreter, python } from './facts/python.ts';
export { type ReleaseStanding, type ReleaseSupport, releaseSupport } from './facts/release-support.ts';
export { type Repositories, type Repository, repositories } from './facts/repositories.ts';
export { rescueImages } from './facts/rescue-images.ts';
export { type Resolver, resolver } from './facts/resolver.ts';
export { type NamedRoot, type RootDevice, rootDevice } from './facts/root-device.ts';
export { type RootGrowth, rootGrowth } from './facts/root-growth.ts';
export { type ChosenSubvolume, type RootSubvolume, rootSubvolume } from './facts/root-subvolume.ts';
export { type ScheduledJob, type ScheduledJobs, scheduledJobs } from './facts/scheduled-jobs.ts';
export { type ScsiNames, scsiNames } from './facts/scsi-names.ts';
export { type Secret, type SecretKind, type Secrets, secrets } from './facts/secrets.ts';
export { type Selinux, selinux } from './facts/selinux.ts';
export { type SerialGetty, serialGetty } from './facts/serial-getty.ts';
export { type HistoryFile, type ShellHistories, shellHistories } from './facts/shell-histories.ts';
export { type SignKind, type SignsOfUse, signsOfUse } from './facts/signs-of-use.ts';
export { type SshPasswordLogin, sshPasswordLogin } from './facts/ssh-password-login.ts';
export { type SshServer, sshServer } from './facts/ssh-server.ts';
export { type SshStart, sshStart } from './facts/ssh-start.ts';
export { type SudoPassword, sudoPassword } from './facts/sudo-password.ts';
export { type SwapAreas, swapAreas } from './facts/swap-areas.ts';
export { type Sysctl, sysctl } from './facts/sysctl.ts';
export { type SystemPartitions, systemPartitions } from './facts/system-partitions.ts';
export { type TemporaryDisk, temporaryDisk } from './facts/temporary-disk.ts';
export { type TemporaryDiskMount, temporaryDiskMounts } from './facts/temporary-disk-mounts.ts';
export { type TemporaryDiskOrder, temporaryDiskOrder } from './facts/temporary-disk-order.ts';
export { type TimeService, type TimeServices, timeServices } from './facts/time-services.ts';
export { type LocatedUdevRule, type UdevRules, type UdevRulesFile, udevRules } from './facts/udev-rules.ts';
export { type UefiLoaders, type UefiProgram, uefiLoaders } from './facts/uefi-loaders.ts';
export { type UnitFiles, unitFiles } from './facts/unit-files.ts';
export { type UnitPresets, unitPresets } from './facts/unit-presets.ts';
export {
  type VendorRegistration,
  type VendorRegistrations,
  vendorRegistrations,
} from './facts/vendor-registrations.ts';
export { type VirtualFunction, virtualFunction } from './facts/virtual-function.ts';
export { type WaysToLogIn, waysToLogIn } from './facts/ways-to-log-in.ts';
export { compareDottedVersions, isVersionOf } from './formats/dotted-version.ts';
export { compareVersions } from './formats/version-order.ts';
export { type CouldNotRead, describeUnread, isCouldNotRead } from './image/could-not-read.ts';
