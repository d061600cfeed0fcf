import {
  agent,
  defineRule,
  enableUnit,
  fail,
  finding,
  installPackages,
  notApplicable,
  pass,
  steps,
  timeServices,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'time/service',
  title: 'A time synchronisation service starts at boot',
  severity: 'warning',
  rationale: 'The clock of a VM drifts, and after a pause it is wrong at once; then TLS, Kerberos and clusters fail.',
  remediation: 'Install chrony and enable its service.',
  fix: steps(installPackages('chrony'), enableUnit('chronyd.service', { debian: 'chrony.service' })),
  references: ['https://learn.microsoft.com/azure/virtual-machines/linux/time-sync'],
  covers: ['time-service-present'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { timeServices, agent },
  check({ timeServices: { services, running }, agent: { inSystemExtension } }) {
    const [first] = running;
    if (first) return pass(first.evidence);
    if (inSystemExtension) return notApplicable('the system extension for Azure brings the time service');
    const broken = services.find(({ startsAtBoot, missingProgram }) => startsAtBoot && missingProgram);
    if (broken?.missingProgram) {
      return fail(finding(`${broken.unit} starts at boot, but its program is missing`, broken.missingProgram));
    }
    const skipped = services.find(({ startsAtBoot, skippedFor }) => startsAtBoot && skippedFor);
    if (skipped?.skippedFor) {
      const message = `systemd skips ${skipped.unit} for ${skipped.skippedFor.text ?? 'a condition'}, and no other time service starts`;
      return fail(finding(message, skipped.skippedFor));
    }
    const [idle] = services;
    if (idle) {
      const state = idle.masked ? 'masked' : 'not enabled';
      return fail(finding(`${idle.unit} is ${state}, so nothing keeps the clock right`, idle.evidence));
    }
    return fail(
      finding('no time service is in the image, so nothing keeps the clock right', { path: '/usr/sbin/chronyd' }),
    );
  },
});
