import { readBaseTree } from '../../src/testing/rule-cases.ts';
import type { Tree } from '../../src/testing/tree.ts';

/** Pieces of images for the first boot: laid over each other they make every case. */
const root = (name: string) => readBaseTree('fixtures/roots', name);

export const nothing: Tree = { '/etc/os-release': 'ID=debian\nVERSION_ID="12"\n' };
export const cloudInit = root('cloud-init');
export const agent = root('waagent');
export const both = root('cloud-init-with-waagent');

export const conf = (...lines: string[]): Tree => ({ '/etc/waagent.conf': `${lines.join('\n')}\n` });
export const drop = (name: string, text: string): Tree => ({ [`/etc/cloud/cloud.cfg.d/${name}`]: text });
export const absent = (...paths: string[]): Tree =>
  Object.fromEntries(paths.map((path) => [path, { absent: true } as const]));

export const wants = '/etc/systemd/system/multi-user.target.wants';
export const stages = '/etc/systemd/system/cloud-init.target.wants';
const stageUnits = ['cloud-init-local', 'cloud-init', 'cloud-config', 'cloud-final'];
export const stagesOff = absent(...stageUnits.map((unit) => `${stages}/${unit}.service`));
export const serviceOff = absent(`${wants}/waagent.service`);
export const switchedOff: Tree = { '/etc/cloud/cloud-init.disabled': '' };
export const marker: Tree = { '/var/lib/waagent/provisioned': '6D2E1B\n' };
export const oldAgent: Tree = {
  '/usr/lib/python3/dist-packages/azurelinuxagent/common/version.py': "AGENT_VERSION = '2.2.44'\n",
};
export const unit = (name: string, command: string): Tree => ({
  [`/usr/lib/systemd/system/${name}`]: `[Service]\nExecStart=${command}\n[Install]\nWantedBy=multi-user.target\n`,
});
export const enabledUnit = (name: string, command: string): Tree => ({
  ...unit(name, command),
  [`${wants}/${name}`]: { link: `/usr/lib/systemd/system/${name}` },
});
export const azureInit: Tree = {
  ...enabledUnit('azure-init.service', '/usr/bin/azure-init'),
  '/usr/bin/azure-init': { base64: 'f0VMRg==', mode: '0755' },
};
export const afterburn = enabledUnit('afterburn-checkin.service', '/usr/bin/afterburn --check-in');
export const bootEntry = (options: string): Tree => ({
  '/boot/loader/entries/ostree-1.conf': `title Fedora CoreOS\nversion 1\nlinux /vmlinuz\ninitrd /initrd\noptions ${options}\n`,
});
export const flatcar: Tree = { '/etc/os-release': 'ID=flatcar\nID_LIKE=coreos\nVERSION_ID=4230.2.1\n' };
export const script = '#!/usr/bin/python3\nserver = "168.63.129.16"\npath = "/machine?comp=health"\n';
export const noNewKeys = drop('95-keys.cfg', 'ssh_genkeytypes: ~\n');
export const keygen: Tree = enabledUnit('sshd-keygen.service', '/usr/bin/ssh-keygen -A');
