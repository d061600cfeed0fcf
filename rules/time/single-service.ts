import { defineRule, fail, finding, notApplicable, pass, type TimeService, timeServices } from '../../src/rule-api.ts';

/** Units that stop each other never run together. */
function exclude(a: TimeService, b: TimeService): boolean {
  return a.conflicts.includes(b.unit) || b.conflicts.includes(a.unit);
}

export default defineRule({
  id: 'time/single-service',
  title: 'Only one time service starts at boot',
  severity: 'info',
  rationale: 'Two services steer the clock of the VM against each other after every boot, and fill the log.',
  remediation: 'Disable all but one of them; chrony can read the clock of the host.',
  fix: ['systemctl --root=/ disable systemd-timesyncd.service'],
  references: ['https://learn.microsoft.com/azure/virtual-machines/linux/time-sync'],
  covers: ['time-no-duplicate-services'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { timeServices },
  check({ timeServices: { running } }) {
    const [first] = running;
    if (!first) return notApplicable('no time service starts at boot, which time/service reports');
    const second = running.find((service) => service !== first && !exclude(first, service));
    if (!second) return pass(first.evidence);
    return fail(
      finding(`${first.unit} and ${second.unit} both start at boot`, [...first.evidence, ...second.evidence], {
        subject: `${first.unit} ${second.unit}`,
      }),
    );
  },
});
