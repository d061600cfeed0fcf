import {
  cloudInit,
  defineRule,
  fail,
  family,
  finding,
  firstBoot,
  judge,
  notApplicable,
  notForCloudInit,
  pass,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'cloud-init/ds-identify',
  title: 'ds-identify is left to find Azure',
  severity: 'error',
  rationale:
    'ds-identify decides before every boot whether cloud-init starts and where it looks. An override without Azure ' +
    'leaves the first boot unprovisioned.',
  remediation: 'Remove /etc/cloud/ds-identify.cfg and the ds= and ci. words from the kernel command line.',
  fix: ['rm -f /etc/cloud/ds-identify.cfg'],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-ubuntu',
    'https://github.com/canonical/cloud-init/blob/main/tools/ds-identify',
  ],
  covers: ['ci-ds-identify-override-removed'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { cloudInit, firstBoot, family },
  check({ cloudInit: found, firstBoot: boot, family: familyOf }) {
    const reason = notForCloudInit(found, boot);
    if (reason !== undefined) return notApplicable(reason);
    const { search } = found;
    const overridden = search.decidedBy === 'ds-identify-config' || search.decidedBy === 'kernel-command-line';
    if (!overridden) return judge([], [], found.unread);
    if (search.result !== 'azure') return fail(finding(search.reason, search.evidence));
    if (familyOf !== 'ubuntu' || search.decidedBy !== 'ds-identify-config') return pass(search.evidence);
    const message = '/etc/cloud/ds-identify.cfg is left over; it does no harm, yet the image guide removes it';
    return fail(finding(message, search.evidence, { severity: 'info' }));
  },
});
