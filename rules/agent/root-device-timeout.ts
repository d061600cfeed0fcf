import {
  agent,
  defineRule,
  fail,
  finding,
  notApplicable,
  pass,
  udevRules,
  unknownBy,
  usableConfiguration,
} from '../../src/rule-api.ts';

const wanted = 300;

export default defineRule({
  id: 'agent/root-device-timeout',
  title: 'SCSI commands have 300 seconds before they fail',
  severity: { base: 'info', marketplace: 'warning' },
  rationale:
    'With the kernel’s 30 seconds, a remote disk that answers late on any boot gives I/O errors and a root file system that is read-only.',
  remediation: 'Set OS.RootDeviceScsiTimeout=300.',
  fix: ["echo 'OS.RootDeviceScsiTimeout=300' >> /etc/waagent.conf"],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/extensions/agent-linux',
    'https://github.com/microsoft/lisa/blob/main/lisa/microsoft/testsuites/core/storage.py',
  ],
  covers: ['agent-root-device-timeout'],
  lisa: ['storage.verify_disks_device_timeout_setting'],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { agent, udevRules },
  check({ agent: facts, udevRules: { files, unread } }) {
    const configuration = usableConfiguration(facts);
    if ('outcome' in configuration) return configuration;
    const { value, evidence = { path: configuration.path } } = configuration.string('OS.RootDeviceScsiTimeout');
    const seconds = value === undefined ? undefined : Number(value);
    if (seconds !== undefined && seconds >= wanted) return pass(evidence);
    const byUdev = files
      .flatMap(({ rules }) => rules)
      .find(({ tokens }) =>
        tokens.some(
          ({ key, attribute = '', isMatch, value: set }) =>
            key === 'ATTR' && !isMatch && /(?:^|\/)timeout$/.test(attribute) && Number(set) >= wanted,
        ),
      );
    if (byUdev) return notApplicable('a udev rule sets the timeout');
    const gap = unknownBy(unread);
    if (gap) return gap;
    const found = value === undefined ? 'is not set' : `is ${value || 'empty'}`;
    return fail(finding(`OS.RootDeviceScsiTimeout ${found}, not ${wanted} seconds`, evidence));
  },
});
