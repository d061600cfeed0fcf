import {
  defineRule,
  type FindingDraft,
  finding,
  installPackages,
  judge,
  notApplicable,
  type UdevRules,
  udevRules,
  unitFiles,
} from '../../src/rule-api.ts';

type Token = UdevRules['files'][number]['rules'][number]['tokens'][number];

export default defineRule({
  id: 'agent/disk-links',
  title: 'udev rules make the links below /dev/disk/azure',
  severity: 'warning',
  rationale:
    'Scripts, disk encryption and extensions that look for Azure’s disks by these names find none of them on any boot.',
  remediation: 'Install azure-vm-utils, or the udev rules of the agent.',
  fix: installPackages('azure-vm-utils'),
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/azure-virtual-machine-utilities',
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/troubleshoot-device-names-problems',
    'https://github.com/Azure/WALinuxAgent/blob/master/setup.py',
    'https://github.com/Azure/azure-vm-utils/blob/main/udev/80-azure-disk.rules',
  ],
  covers: ['agent-azure-storage-udev-rules'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { udevRules, unitFiles },
  check({ udevRules: { files, unread }, unitFiles: { names } }) {
    if (!names.some((name) => /^(?:systemd-)?udevd?\.service$/.test(name))) {
      return notApplicable('udev is not in the image');
    }
    const ruleWith = (holds: (token: Token) => boolean) =>
      files.flatMap(({ rules }) => rules).find(({ tokens }) => tokens.some(holds));
    const link = ruleWith(
      ({ key, isMatch, value }) => key === 'SYMLINK' && !isMatch && /(?:^|\s)disk\/azure\//.test(value),
    );
    const identity = ruleWith(({ key, value }) => key === 'RUN' && /product_uuid/.test(value));
    const findings: FindingDraft[] = [];
    if (!link) {
      const mask = files.find(({ name, isMask }) => isMask && /^(?:66-azure-storage|80-azure-disk)\.rules$/.test(name));
      const message = mask
        ? `${mask.path} switches off the rule that makes /dev/disk/azure`
        : 'no udev rule makes /dev/disk/azure';
      findings.push(finding(message, mask ? { path: mask.path } : [], { subject: 'links', restsOnAbsence: true }));
    }
    if (link && !identity && files.some(({ name }) => name === '66-azure-storage.rules')) {
      const message = '99-azure-product-uuid.rules is missing, so that only root can read the id of the VM';
      findings.push(finding(message, link.evidence, { severity: 'info', subject: 'identity', restsOnAbsence: true }));
    }
    return judge(findings, link ? [link.evidence] : [], unread);
  },
});
