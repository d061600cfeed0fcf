import {
  buildResidue,
  defineRule,
  type FindingDraft,
  finding,
  judge,
  type Residue,
  secrets,
  steps,
} from '../../src/rule-api.ts';

/** Empty logs and a few lines of a package manager tell nobody anything. */
const leastLogs = 5 * 1024 * 1024;
const leastCache = 1024 * 1024;

function describe({ kind, files, size }: Residue): string | undefined {
  const number = files.length === 1 ? 'a file' : `${files.length} files`;
  const amount = size < 1024 * 1024 ? `${Math.ceil(size / 1024)} KiB` : `${Math.round(size / 1024 / 1024)} MiB`;
  switch (kind) {
    case 'logs':
      return size < leastLogs ? undefined : `/var/log holds ${amount} of the build`;
    case 'cache':
      return size < leastCache ? undefined : `package managers keep ${amount} in their caches`;
    case 'journal':
      return `the journal of the build machine is left (${amount})`;
    case 'installation':
      return `the installer left ${number} (${amount})`;
    case 'temporary':
      return `${number} of the build ${files.length === 1 ? 'is' : 'are'} left in /tmp or /var/tmp (${amount})`;
    case 'crash':
      return `${number} of crashes ${files.length === 1 ? 'is' : 'are'} left (${amount})`;
    case 'random-seed':
      return 'the random seed of the build machine is left, the same for every clone';
  }
}

export default defineRule({
  id: 'generalization/logs-and-caches',
  title: 'Logs, temporary files and caches of the build are gone',
  severity: 'info',
  rationale: 'They make the image larger, and tell every clone about the build machine.',
  remediation: 'Delete them as the last step of the build.',
  fix: steps('rm -rf /var/log/journal/* /tmp/* /var/tmp/* /var/lib/systemd/random-seed /root/anaconda-ks.cfg', {
    rhel: ['yum clean all'],
    debian: ['apt-get clean'],
    suse: ['zypper clean --all'],
    azurelinux: ['tdnf clean all'],
  }),
  references: [
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/linux-custom-image-provisioning-errors',
    'https://learn.microsoft.com/azure/security/fundamentals/azure-marketplace-images',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
  ],
  covers: ['gen-logs-and-temp-cleaned'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { buildResidue, secrets },
  check({ buildResidue: { residues, unread }, secrets: { secrets: found } }) {
    // generalization/secrets names a kickstart file that holds a password.
    const named = new Set(found.map(({ evidence }) => evidence.path));
    const findings = residues.flatMap((residue): readonly FindingDraft[] => {
      const files = residue.files.filter(({ path }) => !named.has(path));
      const message = files.length === 0 ? undefined : describe({ ...residue, files });
      return message === undefined ? [] : [finding(message, files.slice(0, 5), { subject: residue.kind })];
    });
    return judge(findings, [], unread);
  },
});
