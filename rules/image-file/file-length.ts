import { containerFinding, defineRule, diskFile, fail, notApplicable, pass, sizeText } from '../../src/rule-api.ts';

export default defineRule({
  id: 'image-file/file-length',
  title: 'The file is as long as its virtual size and a footer',
  severity: 'error',
  rationale: 'The upload is refused when the file is not exactly 512 bytes longer than the disk in it.',
  remediation:
    'Convert the file to raw and back, which writes a footer that fits; a file that was cut off has to be copied again.',
  fix: [
    'qemu-img convert -f vpc -O raw FILE disk.raw',
    'qemu-img convert -f raw -O vpc -o subformat=fixed,force_size=on disk.raw azure.vhd',
  ],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/disks-upload-vhd-to-managed-disk-cli',
    'https://learn.microsoft.com/partner-center/marketplace-offers/azure-vm-certification-faq',
  ],
  covers: ['vhd-file-length-equals-size-plus-footer'],
  lisa: [],
  needs: ['disk'],
  appliesTo: {},
  facts: { diskFile },
  check({ diskFile: { container, evidence } }, intent) {
    if (container.format !== 'vhd' || container.type !== 'fixed')
      return notApplicable('only a fixed VHD has a length that follows from its size');
    const { fileSize, footer, virtualSize } = container;
    if (footer.offset !== fileSize - 512)
      return notApplicable('the footer is not at the end, which image-file/format reports');
    const wanted = virtualSize + 512;
    if (fileSize === wanted) return pass({ ...evidence, text: `upload size ${fileSize} bytes` });
    const difference = Math.abs(fileSize - wanted);
    const what = fileSize < wanted ? 'missing' : 'too many';
    const message = `the file has ${sizeText(fileSize)}, expected ${wanted}: the virtual size ${virtualSize} and 512 bytes of footer; ${sizeText(difference)} are ${what}`;
    return fail(containerFinding(message, evidence, intent, { subject: 'length' }));
  },
});
