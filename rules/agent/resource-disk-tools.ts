import {
  agent,
  defineRule,
  executables,
  fail,
  finding,
  isCouldNotRead,
  notApplicable,
  pass,
  unknown,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'agent/resource-disk-tools',
  title: 'The program that formats the agent’s resource disk exists',
  severity: 'warning',
  rationale:
    'The agent cannot format and mount the temporary disk on the first boot, nor after the VM moves to another host.',
  remediation:
    'Name a file system in ResourceDisk.Filesystem whose mkfs program is installed, or install that program.',
  fix: ["sed -i 's/^ResourceDisk.Filesystem=.*/ResourceDisk.Filesystem=ext4/' /etc/waagent.conf"],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/extensions/agent-linux',
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/daemon/resourcedisk/default.py',
  ],
  covers: ['agent-resource-disk-mkfs'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { agent, executables },
  check({ agent: { installed, inSystemExtension, configuration }, executables: programs }) {
    if (!installed || inSystemExtension) return notApplicable('the image itself brings no agent');
    if (isCouldNotRead(configuration)) return unknown(configuration.message);
    if ('defect' in configuration) return notApplicable('the agent has no configuration that it can load');
    const format = configuration.switch('ResourceDisk.Format');
    if (!format.value) return notApplicable('the agent does not format the temporary disk');
    const { value = 'ext3', evidence } = configuration.string('ResourceDisk.Filesystem');
    if (value === 'ntfs') return notApplicable('the file system ntfs keeps the agent from formatting the disk');
    const program = programs.find(`mkfs.${value}`);
    if (program) return pass(program);
    const place = [evidence, format.evidence].filter((one) => one !== undefined);
    return fail(
      finding(`the agent shall format the temporary disk with ${value}, but there is no mkfs.${value}`, place),
    );
  },
});
