import { cloudInitScripts, defineRule, finding, judge } from '../../src/rule-api.ts';

const occasions = {
  'per-boot': 'on every boot of every VM',
  'per-instance': 'on the first boot of every VM',
  'per-once': 'once',
  vendor: 'as a script of the vendor',
};

export default defineRule({
  id: 'cloud-init/boot-scripts',
  title: 'cloud-init finds no scripts of the build machine to run',
  severity: 'info',
  rationale:
    'Scripts below /var/lib/cloud/scripts run on every VM that is made from the image, from its first boot on.',
  remediation: 'Delete the scripts that are not meant for the clones.',
  fix: ['rm -f /var/lib/cloud/scripts/per-{boot,instance,once}/* /var/lib/cloud/scripts/vendor/*'],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/cloud-init-deep-dive',
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/create-swap-file-linux-vm',
  ],
  covers: ['ci-no-stale-boot-scripts'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { imageTypes: ['generalized'] },
  facts: { cloudInitScripts },
  check({ cloudInitScripts: { scripts, unread } }) {
    const findings = scripts.map(({ frequency, size, evidence }) =>
      finding(`cloud-init runs this script of ${size} bytes ${occasions[frequency]}`, evidence),
    );
    return judge(findings, [], unread);
  },
});
