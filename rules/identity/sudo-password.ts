import { defineRule, type FindingDraft, finding, judge, sudoPassword } from '../../src/rule-api.ts';

const asked = { targetpw: 'the target user', rootpw: 'root', runaspw: 'the run-as user' } as const;

export default defineRule({
  id: 'identity/sudo-password',
  title: "sudo asks for the caller's own password",
  severity: { base: 'warning', marketplace: 'error' },
  rationale:
    'The administrator whom the first boot makes cannot use sudo, because root has no password; certification refuses it.',
  remediation: 'Comment out Defaults targetpw together with the line ALL ALL=(ALL) ALL that goes with it.',
  fix: [
    "sed -i -E 's/^(Defaults[[:space:]]+targetpw.*|ALL[[:space:]]+ALL=\\(ALL\\)[[:space:]]+ALL.*)/# \\1/' /etc/sudoers",
    'visudo -c',
  ],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/suse-create-upload-vhd',
    'https://github.com/microsoft/lisa/blob/main/lisa/microsoft/testsuites/core/azure_image_standard.py',
    'https://github.com/sudo-project/sudo/blob/main/plugins/sudoers/defaults.c',
  ],
  covers: ['id-sudoers-targetpw'],
  lisa: ['azure_image_standard.verify_default_targetpw'],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { sudoPassword },
  check({ sudoPassword: { asksForOther, undone, everybody, unread } }, { profiles }) {
    const findings: FindingDraft[] = asksForOther.map(({ option, evidence }) =>
      finding(`Defaults ${option} makes sudo ask for the password of ${asked[option]}`, evidence, {
        subject: option,
        restsOnAbsence: true,
      }),
    );
    // The certification test reads the main file only; sudo itself does what the later line says.
    const failsTest = profiles.includes('marketplace') ? undone.filter(({ option }) => option === 'targetpw') : [];
    for (const { option, evidence, by } of failsTest) {
      const message = `Defaults ${option} stands in the main file; ${by.path} takes it back, which the certification test does not see`;
      findings.push(finding(message, [evidence, by], { severity: 'warning', subject: option }));
    }
    if (everybody && asksForOther.length === 0) {
      const message = 'everybody may run everything as root with their own password';
      findings.push(finding(message, everybody, { severity: 'warning', subject: 'everybody', restsOnAbsence: true }));
    }
    return judge(findings, [], unread);
  },
});
