import type { LisaTests } from '../lisa-tests.ts';

/** All of core/azure_image_standard.py, in its order. */
export const imageStandardTests: readonly LisaTests[] = [
  {
    tests: { 'azure_image_standard.verify_default_targetpw': 1 },
    looksAt: '/etc/sudoers, without its drop-ins, has no line "Defaults targetpw"',
  },
  {
    tests: { 'azure_image_standard.verify_grub': 1 },
    looksAt:
      'The GRUB configuration has neither libata.atapi_enabled=0 nor reserve=0x1f0,0x8, and on RHEL before 6.6 it has numa=off',
  },
  {
    tests: { 'azure_image_standard.verify_network_manager_not_installed': 3 },
    looksAt: 'Releases of the Red Hat family before 7 do not have the package NetworkManager',
  },
  {
    tests: { 'azure_image_standard.verify_network_file_configuration': 1 },
    looksAt:
      'Red Hat family: NETWORKING=yes in /etc/sysconfig/network; Fedora from 39: a NetworkManager profile for eth0; Azure Linux: networkd.conf is there',
    onlyRunning: 'Whether NetworkManager has activated the profile',
  },
  {
    tests: { 'azure_image_standard.verify_ifcfg_eth0': 1 },
    looksAt: 'Red Hat family, Fedora before 39: ifcfg-eth0 has DEVICE=eth0, BOOTPROTO=dhcp and ONBOOT=yes',
  },
  {
    tests: { 'azure_image_standard.verify_udev_rules_moved': 1 },
    looksAt: 'The udev rules that pin network names to hardware addresses are absent',
  },
  {
    tests: { 'azure_image_standard.verify_dhcp_file_configuration': 1 },
    looksAt: 'SUSE: DHCLIENT_SET_HOSTNAME="no"; Azure Linux: the DHCP client asks for or sends the host name',
  },
  {
    tests: { 'azure_image_standard.verify_yum_conf': 2 },
    looksAt: 'Red Hat family before 6.6: http_caching=packages in /etc/yum.conf',
  },
  {
    tests: { 'azure_image_standard.verify_os_update': 2 },
    looksAt: 'All packages update and the machine boots again',
    onlyRunning: 'Updates and restarts the machine',
  },
  {
    tests: { 'azure_image_standard.verify_hv_kvp_daemon_installed': 2 },
    looksAt: 'Debian family and Azure Linux have the package of the Hyper-V key-value daemon',
    onlyRunning: 'Whether the machine is confidential, which the test leaves out',
  },
  {
    tests: { 'azure_image_standard.verify_repository_installed': 1 },
    looksAt: 'The repositories that the distribution has on Azure are configured',
    onlyRunning: 'Whether the repositories answer',
  },
  {
    tests: { 'azure_image_standard.verify_serial_console_is_enabled': 1 },
    looksAt: 'The kernel command line has console=ttyS0, or console=ttyAMA0 on arm64',
  },
  {
    tests: { 'azure_image_standard.verify_bash_history_is_empty': 1 },
    looksAt: 'Shell histories of accounts that have a shell are absent or empty',
  },
  {
    tests: { 'azure_image_standard.verify_boot_error_fail_warnings': 5 },
    looksAt: 'Logs of the boot have no errors, failures or warnings beyond a list of known ones',
    onlyRunning: 'Reads the logs of a boot',
  },
  {
    tests: { 'azure_image_standard.verify_cloud_init_error_status': 2 },
    looksAt: 'cloud-init ended without error and without recoverable errors',
    onlyRunning: 'Reads how cloud-init ended on that boot',
  },
  {
    tests: { 'azure_image_standard.verify_client_active_interval': 2 },
    looksAt: 'The ClientAliveInterval that takes effect is 1 to 235, better 180',
  },
  {
    tests: { 'azure_image_standard.verify_no_pre_exist_users': 1 },
    looksAt: 'No account of the image has a password or authorized keys',
  },
  {
    tests: { 'azure_image_standard.verify_resource_disk_readme_file': 2 },
    looksAt: 'The temporary disk is mounted and has the file that warns of data loss',
    onlyRunning: 'Reads the mounted disk, which not every VM size has',
  },
  {
    tests: { 'azure_image_standard.verify_resource_disk_file_system': 1 },
    looksAt: 'The temporary disk is mounted with a file system of Linux, not NTFS',
    onlyRunning: 'Reads the mounted disk, which not every VM size has',
  },
  {
    tests: { 'azure_image_standard.verify_waagent_version': 1 },
    looksAt: 'The agent is 2.2.53.1 or later, or updates itself',
  },
  {
    tests: { 'azure_image_standard.verify_python_version': 5 },
    looksAt: 'Python is 3.9 or later, better 3.10',
  },
  {
    tests: { 'azure_image_standard.verify_openssl_version': 1 },
    looksAt: 'OpenSSL is 3.0.0 or later, or exactly 1.1.1 or 1.0.2',
    onlyRunning: 'What the program openssl prints, where no package database can be read',
  },
  {
    tests: { 'azure_image_standard.verify_azure_64bit_os': 1 },
    looksAt: 'The system is x86_64 or aarch64',
  },
  {
    tests: { 'azure_image_standard.verify_omi_version': 1 },
    looksAt: 'OMI is absent, or 1.6.8.1 or later',
    onlyRunning: 'What the program omicli prints, where no package database can be read',
  },
  {
    tests: { 'azure_image_standard.verify_no_swap_on_osdisk': 1 },
    looksAt: 'No active swap lies on the disk of the operating system',
    onlyRunning: 'Swap that something else than fstab, a unit or the agent switches on',
  },
  {
    tests: { 'azure_image_standard.verify_essential_kernel_modules': 1 },
    looksAt: 'The kernel has CONFIG_WATCHDOG and CONFIG_CIFS, built in or as a module',
  },
];
