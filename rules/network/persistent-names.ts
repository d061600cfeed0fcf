import {
  defineRule,
  type FindingDraft,
  finding,
  judge,
  type LocatedUdevRule,
  type Severity,
  udevRules,
} from '../../src/rule-api.ts';

const generator = '75-persistent-net-generator.rules';

/** A rule that names the interface with one hardware address; a pattern for any address names no machine. */
function namesByAddress({ tokens }: LocatedUdevRule): boolean {
  const isBound = tokens.some(
    ({ key, attribute, operator, value }) =>
      /^ATTRS?$/.test(key) &&
      attribute === 'address' &&
      operator === '==' &&
      /^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(value),
  );
  return isBound && tokens.some(({ key, isMatch }) => key === 'NAME' && !isMatch);
}

export default defineRule({
  id: 'network/persistent-names',
  title: 'No rule names a network interface by its hardware address, and none is generated',
  severity: 'error',
  rationale:
    'The rule keeps eth0 for the build machine, so that on the first boot the new interface becomes eth1, which nothing configures.',
  remediation: 'Delete the rules and mask their generator.',
  fix: ['rm -f /etc/udev/rules.d/70-persistent-net.rules', `ln -sf /dev/null /etc/udev/rules.d/${generator}`],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/oracle-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/suse-create-upload-vhd',
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/cannot-connect-linux-network',
    'https://github.com/Azure/WALinuxAgent/blob/master/azurelinuxagent/common/osutil/default.py',
  ],
  covers: ['net-no-persistent-udev-rules'],
  lisa: ['azure_image_standard.verify_udev_rules_moved'],
  needs: ['rootfs'],
  appliesTo: {},
  facts: { udevRules },
  check({ udevRules: { files, unread } }, { imageType, profiles }) {
    const severity: Severity = imageType === 'generalized' ? 'error' : 'warning';
    const findings: FindingDraft[] = files.flatMap((file) =>
      file.rules.filter(namesByAddress).map(({ tokens, evidence }) => {
        const name = tokens.find(({ key, isMatch }) => key === 'NAME' && !isMatch)?.value;
        const address = tokens.find(({ attribute }) => attribute === 'address')?.value;
        return finding(`the name ${name} is kept for the hardware address ${address} of the build machine`, evidence, {
          severity,
        });
      }),
    );
    const found = files.find(({ name, isMask }) => name === generator && !isMask);
    if (found) {
      const weight: Severity = profiles.includes('marketplace') ? 'error' : 'warning';
      const message = `${found.path} writes such rules on each boot and is not masked in /etc/udev/rules.d`;
      findings.push(
        finding(
          message,
          { path: found.path },
          {
            severity: weight,
            subject: generator,
            // A directory that cannot be listed may hold the mask.
            restsOnAbsence: unread.some(({ path }) => !path.endsWith('.rules')),
          },
        ),
      );
    }
    const masks = files.filter(({ name, isMask }) => name === generator && isMask);
    return judge(
      findings,
      masks.map(({ path }) => ({ path })),
      unread,
    );
  },
});
