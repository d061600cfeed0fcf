import {
  containerFinding,
  defineRule,
  diskFile,
  type FindingDraft,
  judge,
  notApplicable,
  type Severity,
} from '../../src/rule-api.ts';

/** Of the specification 1.0. */
const VERSION = 0x00010000;
/** A bit that is always set. */
const RESERVED_FEATURE = 2;

export default defineRule({
  id: 'image-file/footer',
  title: 'The footer of the VHD is well formed',
  severity: 'warning',
  rationale:
    'Certification and tools of Hyper-V refuse a VHD with a malformed footer, before any VM is made from the upload.',
  remediation: 'Convert the file to raw and back, which writes a new footer.',
  fix: [
    'qemu-img convert -f vpc -O raw FILE disk.raw',
    'qemu-img convert -f raw -O vpc -o subformat=fixed,force_size=on disk.raw azure.vhd',
  ],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-generic',
    'https://learn.microsoft.com/partner-center/marketplace-offers/azure-vm-certification-faq',
    'https://github.com/qemu/qemu/blob/master/block/vpc.c',
  ],
  covers: ['vhd-footer-consistency'],
  lisa: [],
  needs: ['disk'],
  appliesTo: {},
  facts: { diskFile },
  check({ diskFile: { container, evidence } }, intent) {
    if (container.format !== 'vhd')
      return notApplicable(`the file is no VHD but ${container.format}, which image-file/format reports`);
    const { footer, type } = container;
    const findings: FindingDraft[] = [];
    const add = (subject: string, message: string, severity: Severity = 'warning') =>
      findings.push(containerFinding(message, evidence, intent, { subject, severity }));
    const hex = (value: number) => `0x${value.toString(16).padStart(8, '0')}`;
    if (footer.storedChecksum !== footer.computedChecksum)
      add(
        'checksum',
        `the checksum of the footer is ${hex(footer.storedChecksum)}, expected ${hex(footer.computedChecksum)}`,
      );
    if (footer.formatVersion !== VERSION)
      add('version', `the version of the footer is ${hex(footer.formatVersion)}, expected ${hex(VERSION)}`);
    if ((footer.features & RESERVED_FEATURE) === 0)
      add('features', `the features of the footer are ${hex(footer.features)}, expected bit 1 to be set`);
    if (type === 'fixed' && footer.dataOffset !== undefined)
      add('data-offset', `the footer of a fixed disk names a header at byte ${footer.dataOffset}, expected none`);
    if (footer.savedState)
      add('saved-state', 'the footer says that a machine with this disk was suspended, expected no saved state');
    if (!footer.reservedIsZero) add('reserved', 'the reserved bytes of the footer are not zero', 'info');
    return judge(findings, [evidence]);
  },
});
