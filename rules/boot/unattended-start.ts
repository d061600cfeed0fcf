import {
  type BootEntry,
  bootTarget,
  defineRule,
  type FindingDraft,
  family,
  finding,
  judge,
  judgeEntries,
  kernelCommandLine,
  lastValue,
  notApplicable,
  removeKernelArguments,
  steps,
} from '../../src/rule-api.ts';

/** Words that systemd, SysV init and dracut take for a wish to stop and ask. */
const stopping = /^(?:rd\.break|rdbreak|single|s|S|1|emergency|-b|rescue)$/;
const rescueTarget = /^(?:rescue|emergency|runlevel1|halt|poweroff|reboot)\.target$/;
const shell = /\/(?:ba|da|a|z|k)?sh$/;

function judgeEntry(entry: BootEntry, breaksAtStages: boolean): FindingDraft[] {
  const words = entry.parameters.filter(({ name, text }) => {
    if (name === 'rd.break' || (breaksAtStages && name === 'break')) return true;
    return stopping.test(text);
  });
  const values = ['init', 'rdinit'].flatMap((name) => {
    const value = lastValue(entry, name);
    return value !== undefined && shell.test(value) ? `${name}=${value}` : [];
  });
  const target = lastValue(entry, 'systemd.unit');
  const unit = target !== undefined && rescueTarget.test(target) ? [`systemd.unit=${target}`] : [];
  const found = [...new Set([...words.map(({ text }) => text), ...values, ...unit])];
  const message = `${found.join(' ')} on the command line of the default boot entry stops every boot`;
  return found.length === 0 ? [] : [finding(message, entry.evidence, { subject: 'entry' })];
}

export default defineRule({
  id: 'boot/unattended-start',
  title: 'The default boot does not stop in a rescue shell',
  severity: 'error',
  rationale: 'rd.break, single, emergency or init=/bin/sh left from a repair stop every boot before SSH is up.',
  remediation: 'Remove the words from the default boot entry and let default.target be multi-user.target.',
  fix: steps(removeKernelArguments('rd.break single emergency'), 'systemctl --root=/ set-default multi-user.target'),
  references: [
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/linux-no-boot-dracut',
    'https://www.freedesktop.org/software/systemd/man/latest/kernel-command-line.html',
  ],
  covers: ['cmdline-no-rd-break'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { kernelCommandLine, bootTarget, family },
  check({ kernelCommandLine: { defaults }, bootTarget: { target, runLevel }, family: kind }) {
    if (defaults.length === 0 && !target && !runLevel) return notApplicable('the image has no boot entry and no init');
    const breaksAtStages = kind === 'debian' || kind === 'ubuntu';
    const findings = judgeEntries(defaults, (entry) => judgeEntry(entry, breaksAtStages));
    const isChosenElsewhere = defaults.some((entry) => lastValue(entry, 'systemd.unit') !== undefined);
    if (target && rescueTarget.test(target.name) && !isChosenElsewhere) {
      findings.push(finding(`default.target leads to ${target.name}`, target.evidence, { subject: 'target' }));
    }
    if (runLevel && /^[0-1sS6]$/.test(runLevel.name)) {
      findings.push(finding(`inittab boots to run level ${runLevel.name}`, runLevel.evidence, { subject: 'target' }));
    }
    return judge(
      findings,
      defaults.map(({ evidence }) => evidence),
    );
  },
});
