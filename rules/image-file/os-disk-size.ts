import {
  bootGeneration,
  defineRule,
  diskFile,
  fail,
  finding,
  GIB,
  MIB,
  notApplicable,
  pass,
  reportsSize,
  type Severity,
  sizeText,
} from '../../src/rule-api.ts';

export default defineRule({
  id: 'image-file/os-disk-size',
  title: 'The size of the OS disk lies within the documented range',
  severity: 'error',
  rationale:
    'Certification for the Marketplace refuses an OS disk outside of 1 to 1,023 GiB and advises 30 to 50; of less than 20 MiB Azure makes no disk, so no VM is created.',
  remediation: 'Build the image with a disk of 30 GiB, or resize it and move the backup of its GPT to the new end.',
  fix: [
    'qemu-img convert -O raw FILE disk.raw',
    'qemu-img resize -f raw disk.raw 30G',
    'sgdisk -e disk.raw',
    'qemu-img convert -f raw -O vpc -o subformat=fixed,force_size=on disk.raw azure.vhd',
  ],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
    'https://learn.microsoft.com/partner-center/marketplace-offers/azure-vm-certification-faq',
  ],
  covers: ['marketplace-os-disk-size'],
  lisa: [],
  needs: ['disk', 'options'],
  appliesTo: {},
  facts: { diskFile, bootGeneration },
  check({ diskFile: { container, evidence }, bootGeneration: boot }, intent) {
    const { virtualSize } = container;
    const report = (severity: Severity, wanted: string) =>
      fail(finding(`the disk has ${sizeText(virtualSize)}, ${wanted}`, evidence, { severity, subject: 'size' }));
    const reporter = reportsSize(virtualSize, intent, boot);
    if (reporter !== undefined && reporter !== 'image-file/os-disk-size')
      return notApplicable(`${reporter} reports that the disk is too large`);
    if (virtualSize < 20 * MIB) return report('error', 'and Azure makes no disk of less than 20 MiB');
    const isForMarketplace = intent.profiles.includes('marketplace');
    if (reporter !== undefined)
      return isForMarketplace
        ? report('error', 'and the Marketplace takes at most 1023 GiB')
        : report('info', 'more than the 1023 GiB that older articles name as the limit of a VHD');
    if (!isForMarketplace) return pass(evidence);
    if (virtualSize < GIB)
      return report('error', 'and the Marketplace takes at least 1 GiB: qemu-img resize -f raw disk.raw 30G');
    if (virtualSize < 30 * GIB)
      return report('warning', 'and the Marketplace asks for 30 GiB: qemu-img resize -f raw disk.raw 30G');
    if (virtualSize > 50 * GIB) return report('warning', 'and the Marketplace advises at most 50 GiB');
    return pass(evidence);
  },
});
