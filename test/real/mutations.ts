/** One thing done to a good, generalized image with the image's own programs. */
export interface Mutation {
  /** Completes "generalized, then …". */
  readonly name: string;
  readonly script: string;
  /** `rule: severity` of each finding that the change adds. */
  readonly findings: readonly string[];
  readonly exitCode: number;
}

export const mutations: readonly Mutation[] = [
  {
    name: 'one stage of cloud-init is masked',
    script: 'systemctl --root=/ mask cloud-init-local.service',
    findings: ['cloud-init/stages: error'],
    exitCode: 1,
  },
  {
    name: 'cloud-init is switched off by its file',
    script: 'touch /etc/cloud/cloud-init.disabled',
    findings: ['cloud-init/switch: error'],
    exitCode: 1,
  },
  {
    name: 'cloud-init is switched off on the kernel command line',
    script: "sed -i 's/consoleblank=0/& cloud-init=disabled/' /boot/grub/grub.cfg",
    findings: ['cloud-init/switch: error'],
    exitCode: 1,
  },
  {
    name: 'the next kernel command line would switch cloud-init off',
    script: "sed -i 's/consoleblank=0/& cloud-init=disabled/' /etc/default/grub",
    findings: ['cloud-init/switch: warning'],
    exitCode: 0,
  },
  {
    name: 'cloud-init is removed while the agent waits for it',
    script: 'dpkg --purge cloud-init',
    findings: ['provisioning/single-owner: error'],
    exitCode: 1,
  },
  {
    name: 'cloud-init is removed and the agent provisions',
    script: "dpkg --purge cloud-init; sed -i 's/^Provisioning.Agent=.*/Provisioning.Agent=auto/' /etc/waagent.conf",
    findings: ['provisioning/preferred-provisioner: warning', 'ssh/client-alive-interval: info'],
    exitCode: 0,
  },
  {
    name: 'the agent is removed',
    script: 'dpkg --purge waagent',
    findings: ['agent/disk-links: warning', 'agent/presence: warning'],
    exitCode: 0,
  },
  {
    name: 'the agent is masked',
    script: 'systemctl --root=/ mask walinuxagent.service',
    findings: ['agent/service: warning'],
    exitCode: 0,
  },
  {
    // Without a machine id systemd applies its presets, and those of Debian enable every unit.
    name: 'the agent is disabled until the first boot enables it again',
    script: 'systemctl --root=/ disable walinuxagent.service',
    findings: [],
    exitCode: 0,
  },
  {
    name: 'the agent is disabled and the machine id says that this was not the first boot',
    script: 'systemctl --root=/ disable walinuxagent.service; : > /etc/machine-id',
    findings: ['agent/service: warning', 'packages/hyperv-daemons: info'],
    exitCode: 0,
  },
  {
    name: 'the agent is told to provision beside cloud-init',
    script: "sed -i 's/^Provisioning.Agent=.*/Provisioning.Agent=waagent/' /etc/waagent.conf",
    findings: ['provisioning/single-owner: error'],
    exitCode: 1,
  },
  {
    name: 'the agent leaves provisioning to cloud-init alone',
    script: "sed -i 's/^Provisioning.Agent=.*/Provisioning.Agent=disabled/' /etc/waagent.conf",
    findings: [],
    exitCode: 0,
  },
  {
    name: 'nobody provisions',
    script: "dpkg --purge cloud-init; sed -i 's/^Provisioning.Agent=.*/Provisioning.Agent=disabled/' /etc/waagent.conf",
    findings: ['agent/provisioning-mode: error'],
    exitCode: 1,
  },
  {
    name: 'the agent is configured by an empty file',
    script: 'truncate --size=0 /etc/waagent.conf',
    findings: ['agent/config-file: warning'],
    exitCode: 0,
  },
  {
    name: 'a switch of the agent is spelt in words',
    script:
      "sed -i 's/^Provisioning.RegenerateSshHostKeyPair=.*/Provisioning.RegenerateSshHostKeyPair=yes/' /etc/waagent.conf",
    findings: ['agent/config-values: warning'],
    exitCode: 0,
  },
  {
    name: 'the installer has chosen other data sources',
    script: "echo 'datasource_list: [ NoCloud, None ]' > /etc/cloud/cloud.cfg.d/90_dpkg.cfg",
    findings: ['cloud-init/datasource: error'],
    exitCode: 1,
  },
  {
    name: 'the installer has chosen Azure among others',
    script: "echo 'datasource_list: [ NoCloud, Azure, None ]' > /etc/cloud/cloud.cfg.d/90_dpkg.cfg",
    findings: ['cloud-init/datasource: info'],
    exitCode: 0,
  },
  {
    name: 'a drop-in of cloud-init is indented by a tab',
    script: "printf 'system_info:\\n\\tdefault_user: {name: me}\\n' > /etc/cloud/cloud.cfg.d/50_user.cfg",
    findings: ['cloud-init/config-syntax: warning'],
    exitCode: 0,
  },
  {
    name: 'cloud-init makes other host keys than the agent waits for',
    script: "echo 'ssh_genkeytypes: [ed25519]' > /etc/cloud/cloud.cfg.d/50_keys.cfg",
    findings: ['provisioning/host-key-type: error'],
    exitCode: 1,
  },
  {
    name: 'an account is added with a password',
    script: "useradd --create-home --shell /bin/bash packer; echo 'packer:packer' | chpasswd",
    findings: ['generalization/build-users: error'],
    exitCode: 1,
  },
  {
    name: 'an account of a service is added',
    script: 'useradd --system --no-create-home --shell /usr/sbin/nologin collector',
    findings: [],
    exitCode: 0,
  },
  {
    name: 'root gets a password',
    script: "echo 'root:toor' | chpasswd",
    findings: ['generalization/root-password: error'],
    exitCode: 1,
  },
  {
    name: 'a user that is gone keeps its sudo rights',
    script: `
      echo 'packer ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/90-cloud-init-users
      chmod 0440 /etc/sudoers.d/90-cloud-init-users
      visudo --check`,
    findings: ['generalization/sudo-grants: warning'],
    exitCode: 0,
  },
  {
    name: 'ssh host keys are made',
    script: 'ssh-keygen -A',
    findings: ['generalization/ssh-host-keys: warning'],
    exitCode: 0,
  },
  {
    name: 'a machine id is set up',
    script: 'systemd-machine-id-setup',
    findings: ['generalization/machine-id: warning', 'packages/hyperv-daemons: info'],
    exitCode: 0,
  },
  {
    name: 'root works in a shell',
    script: `HISTFILE=/root/.bash_history bash -ic 'history -s mount /dev/sdc1 /mnt; history -w'`,
    findings: ['generalization/shell-history: warning'],
    exitCode: 0,
  },
  {
    name: 'the agent has provisioned',
    script: 'echo 6f1c2f3a-0000-4000-8000-000000000000 > /var/lib/waagent/provisioned',
    findings: ['generalization/provisioned-marker: warning'],
    exitCode: 0,
  },
  {
    name: 'netplan is given a fixed address',
    script: 'netplan set --origin-hint 01-netcfg ethernets.eth0.addresses=[10.1.2.3/24]',
    findings: ['network/generated-config: error'],
    exitCode: 1,
  },
  {
    name: 'the file system table mounts the installation disc',
    script: "echo '/dev/sr0 /media/cdrom0 iso9660 ro 0 0' >> /etc/fstab",
    findings: ['storage/fstab-residue: warning'],
    exitCode: 0,
  },
];
