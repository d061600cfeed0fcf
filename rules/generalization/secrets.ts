import { defineRule, finding, judge, type SecretKind, type Severity, secrets } from '../../src/rule-api.ts';

const severities: Readonly<Record<SecretKind, Severity>> = {
  'user-key': 'error',
  credential: 'error',
  profile: 'warning',
  'private-key': 'warning',
  'installer-password': 'warning',
  'known-hosts': 'info',
};

export default defineRule({
  id: 'generalization/secrets',
  title: 'No keys or credentials of the builder are left',
  severity: 'error',
  rationale:
    'Whoever can start a VM from the image can take the credentials out of it; deprovisioning does not remove them.',
  remediation: 'Delete the files, and revoke what was in them if the image has been shared already.',
  fix: ['rm -rf /root/.ssh /root/.azure /root/.aws /root/.docker /root/.git-credentials'],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/extensions/agent-linux',
    'https://learn.microsoft.com/azure/security/fundamentals/azure-marketplace-images',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
  ],
  covers: ['gen-secrets-removed'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { secrets },
  check({ secrets: { secrets: found, unread } }) {
    const findings = found.map(({ kind, what, evidence }) => {
      const owner = kind === 'private-key' ? ', which no package brought' : '';
      return finding(`the file holds ${what}${owner}`, evidence, { severity: severities[kind], subject: what });
    });
    return judge(findings, [], unread);
  },
});
