import { defineRule, fail, finding, judgementDay, notApplicable, packages, pass } from '../../src/rule-api.ts';

const longest = 90;
const dayLength = 86_400_000;

export default defineRule({
  id: 'security/recent-update',
  title: 'The packages were updated lately',
  severity: 'info',
  rationale: 'VMs start with all the known holes of the packages, from their first boot until their first update.',
  remediation: 'Update the packages and capture the image again.',
  fix: {
    rhel: ['yum -y update'],
    debian: ['apt-get update && apt-get -y full-upgrade'],
    suse: ['zypper -n update'],
    azurelinux: ['tdnf -y update'],
  },
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-ubuntu',
    'https://learn.microsoft.com/azure/virtual-machines/linux/suse-create-upload-vhd',
    'https://learn.microsoft.com/azure/security/fundamentals/azure-marketplace-images',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
    'https://learn.microsoft.com/legal/marketplace/certification-policies',
  ],
  covers: ['sec-latest-patches'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { packages, judgementDay },
  check({ packages: database, judgementDay: today }) {
    if (database.state === 'absent') return notApplicable('the image has no package database');
    const change = database.lastChange();
    if (!change) return notApplicable('nothing tells when a package was last installed');
    const days = Math.floor((Date.parse(today) - Date.parse(change.day)) / dayLength);
    if (days <= longest) return pass(change.evidence);
    const message = `the last change of a package was on ${change.day}, ${days} days before ${today}; no more than ${longest} are wanted`;
    return fail(finding(message, change.evidence, { subject: 'last change' }));
  },
});
