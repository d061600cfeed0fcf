import {
  containerFinding,
  defineRule,
  diskFile,
  fail,
  notApplicable,
  pass,
  sizeText,
  toVhd,
} from '../../src/rule-api.ts';

/** Disk type in the footer. */
const FIXED = 2;

export default defineRule({
  id: 'image-file/fixed-type',
  title: 'The VHD is of the fixed type',
  severity: 'error',
  rationale: 'Azure refuses a dynamic or differencing VHD when the disk or image is created from the upload.',
  remediation: 'Convert the file to a fixed VHD.',
  fix: [
    'qemu-img convert -f vpc -O raw FILE disk.raw',
    'qemu-img convert -f raw -O vpc -o subformat=fixed,force_size=on disk.raw azure.vhd',
  ],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-ubuntu',
    'https://learn.microsoft.com/azure/virtual-machines/linux/disks-upload-vhd-to-managed-disk-cli',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
    'https://learn.microsoft.com/partner-center/marketplace-offers/azure-vm-certification-faq',
  ],
  covers: ['vhd-fixed-subformat'],
  lisa: [],
  needs: ['disk'],
  appliesTo: {},
  facts: { diskFile },
  check({ diskFile: { container, name, evidence } }, intent) {
    if (container.format !== 'vhd')
      return notApplicable(`the file is no VHD but ${container.format}, which image-file/format reports`);
    const { type, footer, fileSize, virtualSize } = container;
    const sizes = `${sizeText(virtualSize)} in a file of ${fileSize} bytes`;
    if (type === 'fixed') return pass(evidence);
    const found =
      footer.diskType === FIXED
        ? 'calls itself fixed in its footer and is laid out as a dynamic one'
        : `is of type ${footer.diskType} (${type})`;
    const message = `the VHD ${found}, ${sizes}; Azure takes type ${FIXED} (fixed): ${toVhd('vhd', name)}`;
    return fail(containerFinding(message, evidence, intent, { subject: 'type' }));
  },
});
