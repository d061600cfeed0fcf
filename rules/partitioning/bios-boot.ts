import {
  architecture,
  bootCode,
  bootGeneration,
  DISK,
  defineRule,
  diskLayout,
  fail,
  finding,
  notApplicable,
  notForGeneration,
  pass,
  steps,
} from '../../src/rule-api.ts';

const BIOS_BOOT = '21686148-6449-6e6f-744e-656564454649';

export default defineRule({
  id: 'partitioning/bios-boot',
  title: 'A disk of generation 1 has room for a boot loader',
  severity: 'error',
  rationale:
    'The BIOS of a generation 1 VM starts boot code that loads the rest of GRUB; on a GPT that needs a BIOS boot partition, or the first boot ends before GRUB.',
  remediation: 'Add a BIOS boot partition of 1 MiB and install GRUB for the target i386-pc.',
  fix: steps('sgdisk -n 0:0:+1M -t 0:ef02 disk.raw', {
    debian: ['grub-install --target=i386-pc /dev/loopN'],
    default: ['grub2-install --target=i386-pc /dev/loopN'],
  }),
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/trusted-launch-existing-vm-gen-1',
    'https://learn.microsoft.com/azure/virtual-machines/faq-for-disks',
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/azure-linux-vm-uefi-boot-failures',
  ],
  covers: ['gen1-mbr-or-bios-boot-gpt'],
  lisa: [],
  needs: ['partition-table'],
  appliesTo: { generations: [1] },
  facts: { architecture, diskLayout, bootCode, bootGeneration },
  check({ architecture: processor, diskLayout: layout, bootCode: code, bootGeneration: boot }, intent) {
    if (processor === 'aarch64') return notApplicable('Arm64 has no BIOS, which distro/arm64-generation reports');
    const other = notForGeneration(1, intent, boot);
    if (other !== undefined) return notApplicable(other);
    if (!layout || !code) return notApplicable('the target is no disk');
    const place = { path: DISK };
    if (layout.table.scheme === 'none') return notApplicable('the disk has no partition table');
    if (layout.table.scheme === 'mbr') return pass(place);
    const bios = layout.volumes.find(({ partition }) => partition?.type === BIOS_BOOT);
    if (bios) return pass({ path: bios.place });
    if (code.kind === 'none')
      return fail(
        finding('the GPT has no BIOS boot partition and the first sector no boot code', code.evidence, {
          subject: 'missing',
        }),
      );
    const message = 'the GPT has no BIOS boot partition, so the boot code relies on a list of sectors in another one';
    return fail(finding(message, code.evidence, { severity: 'warning', subject: 'list' }));
  },
});
