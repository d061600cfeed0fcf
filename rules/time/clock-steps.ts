import { chrony, defineRule, fail, finding, notApplicable, pass, timeServices, unknownBy } from '../../src/rule-api.ts';

export default defineRule({
  id: 'time/clock-steps',
  title: 'chrony may step the clock at any time',
  severity: 'info',
  rationale:
    'After the host paused or moved a VM its clock may be minutes behind; chrony then corrects it only slowly, for it steps the clock at boot only.',
  remediation: 'Allow steps without a limit on their number: makestep 1.0 -1.',
  fix: {
    debian: ["sed -i 's/^makestep .*/makestep 1.0 -1/' /etc/chrony/chrony.conf"],
    default: ["sed -i 's/^makestep .*/makestep 1.0 -1/' /etc/chrony.conf"],
  },
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/time-sync',
    'https://github.com/microsoft/lisa/blob/main/lisa/microsoft/testsuites/core/timesync.py',
  ],
  covers: ['time-makestep'],
  lisa: ['timesync.verify_timedrift_corrected'],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { chrony, timeServices },
  check({ chrony: { path, makestep, refused, unread }, timeServices: { running } }) {
    if (!running.some(({ program }) => program === 'chrony')) return notApplicable('chrony does not start at boot');
    if (refused.length > 0) return notApplicable('chronyd does not start, which time/host-clock reports');
    const gap = unknownBy(unread);
    if (gap) return gap;
    if (makestep && makestep.limit < 0) return pass(makestep.evidence);
    if (!makestep) {
      return fail(finding('chrony never steps the clock: there is no makestep', { path: path ?? '/etc/chrony.conf' }));
    }
    const updates = makestep.limit === 1 ? 'update' : `${makestep.limit} updates`;
    return fail(
      finding(
        `chrony steps the clock only in the first ${updates} after its start, where -1 allows it always`,
        makestep.evidence,
      ),
    );
  },
});
