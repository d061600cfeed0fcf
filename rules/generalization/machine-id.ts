import {
  agent,
  cloudInit,
  defineRule,
  type FindingDraft,
  finding,
  judge,
  machineId,
  unitPresets,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'generalization/machine-id',
  title: 'The machine id is made on the first boot',
  severity: 'warning',
  rationale:
    'Clones with one machine id send one DHCP client id and mix up in journals and licence counts; and only a machine whose id is missing or uninitialized has its unit presets applied on the first boot.',
  remediation: 'Write the word uninitialized to /etc/machine-id and delete the copy of D-Bus.',
  fix: ["printf 'uninitialized\\n' > /etc/machine-id", 'rm -f /var/lib/dbus/machine-id'],
  references: [
    'https://www.freedesktop.org/software/systemd/man/latest/machine-id.html',
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/pa/deprovision/coreos.py',
    'https://github.com/canonical/cloud-init/blob/main/cloudinit/cmd/clean.py',
  ],
  covers: ['gen-machine-id-cleared'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { machineId, agent, cloudInit, unitPresets },
  check({ machineId: { etc, dbus }, agent, cloudInit, unitPresets }) {
    const place = etc.evidence ? [etc.evidence] : [];
    const findings: FindingDraft[] = [];
    if (etc.state === 'valid') findings.push(finding('all virtual machines share this machine id', place));
    if (etc.state === 'garbage')
      findings.push(
        finding('neither a machine id nor the word uninitialized, so systemd’s behaviour is undefined', place),
      );
    if (dbus.state === 'identifier')
      findings.push(
        finding(
          'D-Bus keeps a machine id of its own, which all virtual machines share',
          dbus.evidence ? [dbus.evidence] : [],
        ),
      );
    const stillborn = [agent.service, ...cloudInit.stages].find(
      ({ name, state, startsAtBoot }) => state === 'disabled' && !startsAtBoot && unitPresets.enabling(name),
    );
    const preset = stillborn && unitPresets.enabling(stillborn.name);
    if (etc.state === 'empty' && preset)
      findings.push(
        finding(
          `an empty machine id makes systemd skip the presets, and ${stillborn.name} is enabled only by a preset`,
          [...place, preset],
        ),
      );
    return judge(findings, place);
  },
});
