import { containerFinding, defineRule, diskFile, fail, MIB, pass, sizeText, toWholeMib } from '../../src/rule-api.ts';

export default defineRule({
  id: 'image-file/virtual-size',
  title: 'The virtual size is a whole number of MiB',
  severity: 'error',
  rationale: 'Azure refuses a VHD with any other size when the disk or image is created from the upload.',
  remediation:
    'Round the size of the raw disk up to a whole MiB and convert it again; force_size keeps qemu-img from changing it.',
  fix: [
    'qemu-img convert -O raw FILE disk.raw',
    'qemu-img resize -f raw disk.raw $(( ( $(stat -c %s disk.raw) + 1048575 ) / 1048576 ))M',
    'qemu-img convert -f raw -O vpc -o subformat=fixed,force_size=on disk.raw azure.vhd',
  ],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
    'https://learn.microsoft.com/partner-center/marketplace-offers/azure-vm-certification-faq',
    'https://github.com/qemu/qemu/blob/master/block/vpc.c',
  ],
  covers: ['vhd-virtual-size-mib-aligned'],
  lisa: [],
  needs: ['disk'],
  appliesTo: {},
  facts: { diskFile },
  check({ diskFile: { container, evidence } }, intent) {
    const { format, virtualSize } = container;
    if (virtualSize % MIB === 0) return pass(evidence);
    const wanted = toWholeMib(virtualSize) / MIB;
    const isQemu = format === 'vhd' && container.footer.creatorApplication.startsWith('qemu');
    const cause = isQemu ? '; qemu-img rounded it, which -o force_size=on prevents' : '';
    const message = `the virtual size is ${sizeText(virtualSize)}, no whole number of MiB${cause}; the next one is ${wanted} MiB: qemu-img resize -f raw disk.raw ${wanted}M`;
    const options = { subject: 'size', ...(format !== 'vhd' && { severity: 'warning' as const }) };
    return fail(containerFinding(message, evidence, intent, options));
  },
});
