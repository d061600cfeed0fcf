import { cloudInitState, defineRule, finding, judge } from '../../src/rule-api.ts';

export default defineRule({
  id: 'cloud-init/logs',
  title: 'cloud-init and installer logs of the source VM are gone',
  severity: 'warning',
  rationale: 'They may hold user data, and they mislead whoever looks for the cause when the first boot goes wrong.',
  remediation: 'Delete the logs as the last step of the build.',
  fix: ['cloud-init clean --logs', 'rm -rf /var/log/installer'],
  references: ['https://github.com/canonical/cloud-init/blob/main/cloudinit/cmd/clean.py'],
  covers: ['ci-logs-removed'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { cloudInitState },
  check({ cloudInitState: { logs, installerLogs, unread } }) {
    const findings = logs
      .filter(({ size }) => size > 0)
      .map(({ path, size }) => finding(`${path} holds ${size} bytes of an earlier boot`, { path }));
    const fromInstaller = installerLogs.filter(({ size }) => size > 0);
    const [first] = fromInstaller;
    if (first) {
      const message = `/var/log/installer holds ${fromInstaller.length} logs of the installation`;
      findings.push(finding(message, { path: first.path }, { subject: 'installer' }));
    }
    return judge(
      findings,
      logs.map(({ path }) => ({ path })),
      unread,
    );
  },
});
