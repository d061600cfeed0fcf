import { defineRule, finding, type HistoryFile, judge, shellHistories } from '../../src/rule-api.ts';

function sized({ size }: HistoryFile): string {
  return size === 1 ? '1 byte' : `${size} bytes`;
}

export default defineRule({
  id: 'generalization/shell-history',
  title: 'Shell histories are empty or absent',
  severity: { base: 'warning', marketplace: 'error' },
  rationale:
    'Commands typed while building, often with secrets in them, reach every clone; certification refuses a single byte.',
  remediation: 'Delete the histories as the last step of building, from a shell that does not write its own on exit.',
  fix: ["find /root /home \\( -name '.*sh_history' -o -name .history \\) -delete", 'unset HISTFILE'],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/azure/security/fundamentals/azure-marketplace-images',
    'https://learn.microsoft.com/partner-center/marketplace-offers/azure-vm-certification-faq',
  ],
  covers: ['gen-shell-history-removed'],
  lisa: ['azure_image_standard.verify_bash_history_is_empty'],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { shellHistories },
  check({ shellHistories: { shells, tools, unread } }) {
    const findings = [
      ...shells.map((file) => finding(`a shell history holds ${sized(file)}`, { path: file.path })),
      ...tools.map((file) =>
        finding(`the history of a program holds ${sized(file)}`, { path: file.path }, { severity: 'info' }),
      ),
    ];
    return judge(findings, [], unread);
  },
});
