import type { LisaTests } from '../lisa-tests.ts';

/** Of the other suites those whose result depends on what is in the image. */
export const otherLisaTests: readonly LisaTests[] = [
  {
    tests: { 'hv_module.verify_initrd_modules': 1 },
    looksAt: 'hv_vmbus, hv_storvsc, hv_netvsc and hyperv-keyboard are in the initramfs or built in',
  },
  {
    tests: { 'hv_module.verify_hyperv_modules': 1 },
    looksAt: 'The drivers for Hyper-V are built in or can be loaded',
  },
  {
    tests: { 'floppy.verify_floppy_module_is_blacklisted': 1 },
    looksAt: 'The driver floppy is absent or cannot be loaded',
  },
  {
    tests: { 'dhcp.verify_dhcp_client_timeout': 1 },
    looksAt: 'The DHCP client waits 300 seconds or more, or as long as its default says',
    onlyRunning: 'Which DHCP client runs',
  },
  {
    tests: { 'provisioning.smoke_test': 0 },
    looksAt: 'The machine boots, is provisioned, and lets its administrator log in over SSH, also after a restart',
    onlyRunning: 'The boot itself; a rule tells when nobody or somebody unfit would provision it',
  },
  {
    tests: { 'provisioning.verify_deployment_provision_swiotlb_force': 2 },
    looksAt: 'The machine boots with swiotlb=force; skipped without CONFIG_SWIOTLB',
    onlyRunning: 'The boot with that parameter',
  },
  {
    tests: { 'storage.verify_disks_device_timeout_setting': 2 },
    looksAt: 'waagent.conf has OS.RootDeviceScsiTimeout, and the disks have that timeout',
    onlyRunning: 'Whether the agent has set it',
  },
  {
    tests: { 'storage.verify_resource_disk_mounted': 1, 'storage.verify_resource_disk_io': 1 },
    looksAt: 'The temporary disk is mounted where cloud-init or waagent.conf says, and can be written',
    onlyRunning: 'Reads and writes the mounted disk, which not every VM size has',
  },
  {
    tests: { 'storage.verify_swap': 1 },
    looksAt: 'Swap is on exactly when waagent.conf asks for it',
    onlyRunning: 'Whether the swap file came to be',
  },
  {
    tests: { 'storage.verify_scsi_disk_controller_type': 1 },
    looksAt: 'The machine runs from a disk behind a SCSI controller, so hv_storvsc is built in or in the initramfs',
    onlyRunning: 'Which controller the VM size offers',
  },
  {
    tests: { 'storage.verify_nvme_disk_controller_type': 1 },
    looksAt: 'The machine runs from an NVMe disk, so nvme is built in or in the initramfs',
    onlyRunning: 'Which controller the VM size offers',
  },
  {
    tests: { 'storage.verify_os_partition_identifier': 1 },
    looksAt: 'root= and the line for / in fstab name the file system by UUID, PARTUUID or name',
    onlyRunning: 'Whether the UUID is that of the disk',
  },
  {
    tests: { 'storage.verify_smb_linux': 1 },
    looksAt: 'The kernel has CONFIG_CIFS and a share can be mounted',
    onlyRunning: 'Mounts a share between two machines',
  },
  {
    tests: { 'nvme.verify_nvme_basic': 1 },
    looksAt: 'NVMe disks appear',
    onlyRunning: 'Lists the disks; a rule tells when the kernel has no driver for them',
  },
  {
    tests: { 'kvp.verify_kvp': 1 },
    looksAt: 'The Hyper-V key-value daemon runs and exchanges values with the host',
    onlyRunning: 'The exchange; a rule tells when the daemon is not installed',
  },
  {
    tests: { 'sriov.verify_services_state': 1, 'sriov.verify_sriov_basic': 1 },
    looksAt: 'With accelerated networking the drivers of Mellanox or MANA are loaded and no service fails',
    onlyRunning: 'The virtual function and the services; a rule tells when a driver is missing or hidden',
  },
  {
    tests: { 'timesync.verify_timesync_ptp': 2 },
    looksAt: 'chrony takes the time from the clock of Hyper-V, which a udev rule names ptp_hyperv',
  },
  {
    tests: { 'timesync.verify_pmu_disabled_for_arm64': 1 },
    looksAt: 'On arm64 the command line has initcall_blacklist=arm_pmu_acpi_init',
  },
  {
    tests: { 'timesync.verify_timedrift_corrected': 1 },
    looksAt: 'chrony corrects a clock that is two days off; the test itself sets makestep 1.0 -1',
    onlyRunning: 'Sets the clock back; a rule tells when chrony would not step it outside that test',
  },
  {
    tests: { 'serial_console.verify_serial_console': 3 },
    looksAt: 'The serial console answers',
    onlyRunning: 'The answer; a rule tells when nothing would listen there',
  },
  {
    tests: { 'debug.verify_enable_kprobe': 1 },
    looksAt: 'A kernel probe can be set; skipped without CONFIG_KPROBE_EVENTS',
    onlyRunning: 'Sets the probe',
  },
  {
    tests: { 'sched_core.verify_sched_core_basic': 2 },
    looksAt: 'Core scheduling works; skipped without CONFIG_SCHED_CORE',
    onlyRunning: 'Schedules processes on a VM size with hyper-threading',
  },
  {
    tests: { 'zram.verify_zram_crypto_zstd': 3, 'zram.verify_zram_crypto_lz4': 3 },
    looksAt: 'Azure Linux 3: memory is compressed by a kernel module; skipped without the module',
    onlyRunning: 'Loads the module and fills the memory',
  },
  {
    tests: { 'sanitytest.verify_vm_not_compromised': 3 },
    looksAt:
      'passwd, shadow, sshd_config and /bin/sh are regular files with sane modes, and root alone has user number 0',
  },
  {
    tests: { 'tvmsuite.verify_secureboot_compatibility': 2, 'tvmsuite.verify_measuredboot_compatibility': 2 },
    looksAt: 'Generation 2, release new enough, boot files signed, secure boot on',
    onlyRunning: 'The state of the firmware, and signatures judged by a scanner that the test installs',
  },
  {
    tests: { 'cvm_boot.verify_encrypted_root_partition': 2, 'cvm_boot.verify_boot_success_after_component_upgrade': 1 },
    looksAt: 'Azure Linux on a confidential VM: root is encrypted, and shim, systemd-boot and kernel may be updated',
    onlyRunning: 'Encryption and measurements happen on the machine',
  },
  {
    tests: {
      'kdumpcrash.verify_kdumpcrash_single_core': 2,
      'kdumpcrash.verify_kdumpcrash_smp': 2,
      'kdumpcrash.verify_kdumpcrash_on_random_cpu': 1,
      'kdumpcrash.verify_kdumpcrash_on_cpu32': 2,
      'kdumpcrash.verify_kdumpcrash_on_cpu192': 2,
      'kdumpcrash.verify_kdumpcrash_on_cpu415': 4,
      'kdumpcrash.verify_kdumpcrash_auto_size': 3,
      'kdumpcrash.verify_kdumpcrash_large_memory_auto_size': 3,
    },
    looksAt: 'A crashed kernel leaves a dump: needs CONFIG_CRASH_DUMP, CONFIG_PROC_VMCORE and kexec built in',
    onlyRunning: 'Crashes the kernel',
  },
  {
    tests: {
      'power.verify_hibernation_synthetic_network': 3,
      'power.verify_hibernation_sriov_network': 3,
      'power.verify_hibernation_time_sync': 3,
      'power.verify_hibernation_with_network_workload': 3,
      'power.verify_hibernation_with_storage_workload': 3,
      'power.verify_hibernation_with_memory_workload': 3,
      'power.verify_hibernation_synthetic_network_max_nics': 3,
      'power.verify_hibernation_sriov_network_max_nics': 3,
      'power.verify_hibernation_max_data_disks': 3,
      'power.verify_hibernation_with_vm_extension': 2,
    },
    looksAt: 'The machine hibernates and resumes; skipped without CONFIG_HIBERNATION or on an old release',
    onlyRunning: 'Hibernates',
  },
  {
    tests: { 'fedora_cloud_validation.verify_fedora_edition_identification': 1 },
    looksAt: 'os-release of Fedora has its fields, fits the package fedora-release-common, and is in support',
  },
  {
    tests: { 'fips.verify_azl_fips_status': 3, 'fips.verify_fips_enablement': 2 },
    looksAt: 'Azure Linux and Ubuntu: FIPS mode is as the image promises, and can be switched',
    onlyRunning: 'Switches the mode and restarts',
  },
  {
    tests: {
      'azure_disk_encryption.verify_azure_disk_encryption_provisioned': 1,
      'azure_disk_encryption.verify_azure_disk_encryption_enabled': 3,
    },
    looksAt: 'The extension encrypts the disk; skipped on releases that it does not support',
    onlyRunning: 'Runs the extension',
  },
];
