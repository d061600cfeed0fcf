import {
  chrony,
  defineRule,
  fail,
  finding,
  judge,
  notApplicable,
  pass,
  udevRules,
  unknownBy,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'time/host-clock-link',
  title: 'A udev rule makes the link /dev/ptp_hyperv',
  severity: 'warning',
  rationale: 'Without the link chrony cannot open the clock of the host on any boot; chronyd ends with an error.',
  remediation: 'Add the rule for the PTP device of Hyper-V, or take away the mask that hides it.',
  fix: [
    'echo \'SUBSYSTEM=="ptp", ATTR{clock_name}=="hyperv", SYMLINK+="ptp_hyperv"\' > /etc/udev/rules.d/99-ptp_hyperv.rules',
  ],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/time-sync',
    'https://github.com/systemd/systemd/blob/main/rules.d/50-udev-default.rules.in',
    'https://gitlab.com/chrony/chrony/-/blob/master/refclock_phc.c',
  ],
  covers: ['time-ptp-hyperv-udev'],
  lisa: ['timesync.verify_timesync_ptp'],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { chrony, udevRules },
  check({ chrony: { referenceClocks, ...chronyd }, udevRules: { files, unread } }) {
    const clock = referenceClocks.find(({ device }) => device === '/dev/ptp_hyperv');
    const gap = unknownBy(chronyd.unread);
    if (!clock && gap) return gap;
    if (!clock) return notApplicable('chrony does not use /dev/ptp_hyperv');
    const maker = files
      .flatMap(({ rules }) => rules)
      .find(
        ({ tokens }) =>
          tokens.some(
            ({ key, operator, value }) =>
              key === 'SYMLINK' && /^\+?=$|^:=$/.test(operator) && value.split(/\s+/).includes('ptp_hyperv'),
          ) &&
          tokens.some(
            ({ key, attribute, value }) =>
              key.startsWith('ATTR') && attribute === 'clock_name' && value.includes('hyperv'),
          ),
      );
    if (maker) return pass(maker.evidence);
    const mask = files.find(
      ({ isMask, hides, name }) => isMask && hides.length > 0 && /ptp|hyperv|50-udev-default/.test(name),
    );
    if (unread.length > 0) return judge([], [], unread);
    const message = mask
      ? `chrony reads /dev/ptp_hyperv, and ${mask.path} masks the udev rule that makes this link`
      : 'chrony reads /dev/ptp_hyperv, and no udev rule makes this link';
    return fail(finding(message, mask ? [clock.evidence, { path: mask.path }] : clock.evidence));
  },
});
