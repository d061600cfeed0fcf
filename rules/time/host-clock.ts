import {
  agent,
  chrony,
  type Distribution,
  defineRule,
  distribution,
  fail,
  finding,
  notApplicable,
  pass,
  timeServices,
} from '../../src/rule-api.ts';

/** Releases for which the certification tests ask for the host's clock, or that ship chrony for it. */
function isExpected({ family, versionId }: Distribution): boolean {
  const version = Number.parseFloat(versionId ?? '');
  if (family === 'ubuntu') return version >= 19.1;
  if (family === 'rhel' || family === 'oracle') return version >= 8;
  return family === 'azurelinux' || (family === 'suse' && version >= 15 && version < 42);
}

export default defineRule({
  id: 'time/host-clock',
  title: 'chrony reads the clock of the host through /dev/ptp_hyperv',
  severity: 'warning',
  rationale:
    'Otherwise a VM gets the time from the network only, which is less exact and absent where the network is closed; ' +
    'and /dev/ptp0 is another device on some sizes of VM.',
  remediation: 'Give chrony the reference clock of Hyper-V.',
  fix: {
    debian: ["echo 'refclock PHC /dev/ptp_hyperv poll 3 dpoll -2 offset 0 stratum 2' >> /etc/chrony/chrony.conf"],
    default: ["echo 'refclock PHC /dev/ptp_hyperv poll 3 dpoll -2 offset 0 stratum 2' >> /etc/chrony.conf"],
  },
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/time-sync',
    'https://github.com/microsoft/lisa/blob/main/lisa/microsoft/testsuites/core/timesync.py',
    'https://gitlab.com/chrony/chrony/-/blob/master/conf.c',
  ],
  covers: ['time-chrony-hyperv-refclock'],
  lisa: ['timesync.verify_timesync_ptp'],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { chrony, timeServices, distribution, agent },
  check({ chrony: configuration, timeServices: { running }, distribution: system, agent: { inSystemExtension } }) {
    if (inSystemExtension) return notApplicable('the system extension for Azure brings the time service');
    const [other] = running;
    if (!other) return notApplicable('no time service starts at boot, which time/service reports');
    if (!running.some(({ program }) => program === 'chrony')) {
      const message = `${other.program} keeps the clock by the network only; chrony can read the clock of the host`;
      return fail(finding(message, other.evidence, { severity: 'info' }));
    }
    const { referenceClocks, refused, unread, path } = configuration;
    const [defect] = refused;
    if (defect) return fail(finding(`chronyd does not start for this line: ${defect.message}`, defect.evidence));
    const clocks = referenceClocks.filter(({ driver }) => driver === 'PHC');
    const hyperv = clocks.find(({ device }) => device === '/dev/ptp_hyperv');
    if (hyperv) return pass(hyperv.evidence);
    const [unread0] = unread;
    if (unread0) throw unread0;
    const [clock] = clocks;
    if (clock) {
      const message = `chrony reads ${clock.device}, which need not be the clock of Hyper-V, instead of /dev/ptp_hyperv`;
      return fail(finding(message, clock.evidence, { severity: 'info' }));
    }
    if (path === undefined) {
      return fail(finding('chrony has no configuration file', other.evidence, { severity: 'info' }));
    }
    const severity = system && isExpected(system) ? 'warning' : 'info';
    return fail(finding('chrony has no reference clock PHC /dev/ptp_hyperv', { path }, { severity }));
  },
});
