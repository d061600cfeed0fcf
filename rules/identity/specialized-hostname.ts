import { defineRule, finding, hostname, hostRenamers, judge, pass } from '../../src/rule-api.ts';

export default defineRule({
  id: 'identity/specialized-hostname',
  title: 'Virtual machines made from a specialized image get host names of their own',
  severity: 'warning',
  rationale:
    'Nothing in Azure renames a machine made from a specialized image: from the first boot on, all of them register the host name of the source in the virtual network’s DNS.',
  remediation:
    'Add a unit that sets the host name from the machine’s name in the instance metadata service on first boot, or rename each machine after creation.',
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/imaging',
    'https://learn.microsoft.com/azure/virtual-machines/shared-image-galleries',
    'https://learn.microsoft.com/azure/virtual-machines/faq-for-disks',
  ],
  covers: ['id-specialized-hostname-unique'],
  lisa: [],
  needs: ['rootfs', 'options'],
  appliesTo: { imageTypes: ['specialized'] },
  facts: { hostname, hostRenamers },
  check({ hostname, hostRenamers }, { storage }) {
    const { specific } = hostname;
    const [renamer] = hostRenamers.renamers;
    if (renamer) return pass(renamer.evidence);
    const unread = [...hostname.unread, ...hostRenamers.unread];
    if (!specific)
      return judge(
        [],
        hostname.settings.map(({ evidence }) => evidence),
        unread,
      );
    // A managed disk becomes one machine, which often replaces the source and should have its name.
    const severity = storage === 'managed-disk' ? 'info' : 'warning';
    return judge(
      [
        finding(`every virtual machine is called ${specific.name}, and nothing renames it at boot`, specific.evidence, {
          severity,
          restsOnAbsence: true,
        }),
      ],
      [],
      unread,
    );
  },
});
