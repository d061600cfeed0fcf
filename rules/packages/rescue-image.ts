import { defineRule, fail, finding, pass, removePackages, rescueImages, steps } from '../../src/rule-api.ts';

export default defineRule({
  id: 'packages/rescue-image',
  title: 'The rescue image of dracut is left out',
  severity: 'info',
  rationale:
    'It takes some 100 MiB of /boot, carries the machine id of the build machine in its name, and no VM can be booted from it without a console.',
  remediation: 'Remove the package that makes it, and the files.',
  fix: steps(
    removePackages({ rhel: 'dracut-config-rescue' }),
    'rm -f /boot/*0-rescue* /boot/loader/entries/*0-rescue*',
  ),
  references: ['https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd'],
  covers: ['pkg-no-rescue-initramfs'],
  lisa: [],
  needs: ['rootfs'],
  appliesTo: { families: ['rhel', 'fedora', 'oracle'] },
  facts: { rescueImages },
  check({ rescueImages: files }) {
    if (files.length === 0) return pass();
    const names = files.map(({ path }) => path.slice(path.lastIndexOf('/') + 1));
    return fail(
      finding(`/boot holds the rescue image of the build machine: ${names.join(', ')}`, files, { subject: 'rescue' }),
    );
  },
});
