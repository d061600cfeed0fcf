import { cloudInit, cloudInitModules, defineRule, finding, judge, notApplicable, unknown } from '../../src/rule-api.ts';

export default defineRule({
  id: 'cloud-init/config-syntax',
  title: 'cloud-init configuration files are valid YAML mappings',
  severity: 'error',
  rationale:
    'cloud-init ignores a file that does not parse as a whole, so settings such as the module lists silently vanish ' +
    'on the first boot.',
  remediation: 'Repair the line, or delete the file if nothing needs it.',
  fix: ['cloud-init schema --config-file /etc/cloud/cloud.cfg'],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/cloud-init-troubleshooting',
    'https://github.com/canonical/cloud-init/blob/main/cloudinit/stages.py',
    'https://github.com/canonical/cloud-init/blob/main/cloudinit/util.py',
  ],
  covers: ['ci-config-yaml-valid'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { cloudInit, cloudInitModules },
  check({ cloudInit: { installed, config }, cloudInitModules: { foldedItems } }) {
    if (!installed) return notApplicable('cloud-init is not installed');
    const ignored = config.files.filter(({ state }) => state === 'ignored');
    const findings = ignored.map(({ path, problem }) => {
      const message = `cloud-init ignores the whole file: ${problem?.message ?? 'it is not a mapping'}`;
      const isMain = path === '/etc/cloud/cloud.cfg';
      const line = problem && { line: problem.line };
      return finding(message, { path, ...line }, { severity: isMain ? 'error' : 'warning', subject: path });
    });
    if (config.defect) findings.push(finding(config.defect.message, config.defect.evidence));
    for (const { text, evidence } of foldedItems) {
      const message = `the list item "${text}" looks like two items run together`;
      findings.push(finding(message, evidence, { severity: 'warning', subject: text }));
    }
    const templates = config.files.filter(({ state }) => state === 'template').map(({ path }) => path);
    if (findings.length === 0 && templates.length > 0) {
      return unknown(`${templates.join(', ')}: a Jinja template, which is rendered on the VM only`);
    }
    const read = config.files.filter(({ state }) => state === 'merged').map(({ path }) => ({ path }));
    return judge(findings, read, config.unread);
  },
});
