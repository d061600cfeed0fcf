import { clockSettings, defineRule, type FindingDraft, finding, judge } from '../../src/rule-api.ts';

export default defineRule({
  id: 'time/hardware-clock',
  title: 'The hardware clock and the time zone are UTC',
  severity: 'warning',
  rationale:
    'A hardware clock that is taken for local time shifts the system time on every boot until it is synchronised; ' +
    'with another time zone the logs of VMs are hard to compare.',
  remediation: 'Delete /etc/adjtime, or put UTC on its third line, and let /etc/localtime lead to UTC.',
  fix: ['ln -sf ../usr/share/zoneinfo/Etc/UTC /etc/localtime', 'rm -f /etc/adjtime'],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/time-sync',
  ],
  covers: ['time-utc'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { clockSettings },
  check({ clockSettings: { localTime, zone } }) {
    const findings: FindingDraft[] = [];
    if (localTime) findings.push(finding('the hardware clock is said to run on local time instead of UTC', localTime));
    if (zone && !zone.isUtc) {
      findings.push(finding(`the time zone is ${zone.name} instead of UTC`, zone.evidence, { severity: 'info' }));
    }
    return judge(findings, zone ? [zone.evidence] : []);
  },
});
