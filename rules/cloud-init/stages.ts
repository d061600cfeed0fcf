import {
  cloudInit,
  defineRule,
  finding,
  firstBoot,
  judge,
  notApplicable,
  notForCloudInit,
  reinstallPackages,
  steps,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'cloud-init/stages',
  title: 'All cloud-init stages start at boot',
  severity: 'error',
  rationale:
    'A stage that does not start leaves the first boot without network set-up, administrator or ready report; without ' +
    'generator or ds-identify no stage starts at all.',
  remediation: 'Enable every stage of cloud-init, and reinstall the package if parts of it are missing.',
  fix: steps(
    'systemctl --root=/ enable cloud-init-local.service cloud-init.service cloud-config.service cloud-final.service',
    reinstallPackages('cloud-init'),
  ),
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/suse-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
    'https://github.com/canonical/cloud-init/blob/main/systemd/cloud-init-generator.tmpl',
    'https://github.com/canonical/cloud-init/blob/main/systemd/cloud-init-main.service.tmpl',
  ],
  covers: ['ci-units-enabled'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { cloudInit, firstBoot },
  check({ cloudInit: found, firstBoot: boot }) {
    const reason = notForCloudInit(found, boot);
    if (reason !== undefined) return notApplicable(reason);
    const findings = found.obstacles
      .filter(({ kind }) => kind === 'stage' || kind === 'generator' || kind === 'ds-identify')
      .map(({ kind, message, evidence }) => finding(message, evidence, { subject: kind === 'stage' ? message : kind }));
    return judge(
      findings,
      found.stages.flatMap(({ evidence }) => evidence.slice(0, 1)),
    );
  },
});
