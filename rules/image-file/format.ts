import { containerFinding, defineRule, diskFile, fail, pass, toVhd } from '../../src/rule-api.ts';

export default defineRule({
  id: 'image-file/format',
  title: 'The file is a VHD',
  severity: 'error',
  rationale:
    'Azure takes no other format than a VHD, which ends in a footer of 512 bytes: any other file is refused at the upload, or becomes a disk that does not boot.',
  remediation: 'Convert the file to a fixed VHD.',
  fix: ['qemu-img convert -O vpc -o subformat=fixed,force_size=on FILE azure.vhd'],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/redhat-create-upload-vhd',
    'https://learn.microsoft.com/azure/virtual-machines/generation-2',
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
    'https://learn.microsoft.com/partner-center/marketplace-offers/azure-vm-certification-faq',
  ],
  covers: ['vhd-format-not-vhdx'],
  lisa: [],
  needs: ['disk'],
  appliesTo: {},
  facts: { diskFile },
  check({ diskFile: { container, name, evidence } }, intent) {
    const { format, fileSize } = container;
    if (format !== 'vhd') {
      const what = format === 'raw' ? 'a raw disk without the footer of a VHD' : `a disk in the format ${format}`;
      const message = `the file is ${what}, and Azure takes a VHD: ${toVhd(format, name)}`;
      return fail(containerFinding(message, evidence, intent, { subject: 'format' }));
    }
    const { offset } = container.footer;
    if (offset === fileSize - 512) return pass(evidence);
    const place = offset === 0 ? 'only at its start' : `at byte ${offset}`;
    const message = `the VHD has its footer ${place}, expected in the last 512 bytes, from byte ${fileSize - 512}: it is cut off or of an old writer`;
    return fail(containerFinding(message, evidence, intent, { subject: 'footer' }));
  },
});
