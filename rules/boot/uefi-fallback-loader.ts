import {
  architecture,
  bootGeneration,
  defineRule,
  finding,
  judge,
  notApplicable,
  notForGeneration,
  type UefiLoaders,
  type UefiProgram,
  uefiLoaders,
} from '../../src/rule-api.ts';

const x86 = { name: 'bootx64.efi', machine: 0x8664, suffix: 'x64' };
const arm = { name: 'bootaa64.efi', machine: 0xaa64, suffix: 'aa64' };

/** `IMAGE_FILE_MACHINE_*` as people call it. */
function processorName(machine: number | undefined): string {
  if (machine === x86.machine) return 'x86-64';
  if (machine === arm.machine) return 'Arm64';
  return `processor type 0x${machine?.toString(16)}`;
}

/** Whether shim finds something to start beside itself: GRUB under its name or SUSE's, or its own fallback program. */
function hasSecondStage({ fallback, withCsv }: UefiLoaders, suffix: string): boolean {
  const names = fallback.map(({ name }) => name);
  if (names.includes(`grub${suffix}.efi`) || names.includes('grub.efi')) return true;
  return names.includes(`fb${suffix}.efi`) && withCsv.length > 0;
}

function reachesConfiguration(found: UefiLoaders, loader: UefiProgram): boolean {
  if (loader.kind === 'unified-kernel' || loader.kind === 'other') return true;
  return found.configurations.length > 0 || found.hasBuiltInConfiguration || found.hasSystemdBootEntries;
}

export default defineRule({
  id: 'boot/uefi-fallback-loader',
  title: 'A generation 2 image boots from the fallback path of UEFI',
  severity: 'error',
  rationale:
    'A new VM has no stored boot entries, so its firmware tries only EFI/BOOT/BOOTX64.EFI; without it the first boot finds nothing.',
  remediation: 'Copy shim as BOOTX64.EFI, GRUB and its grub.cfg to EFI/BOOT.',
  fix: [
    'mkdir -p /boot/efi/EFI/BOOT',
    'cp /boot/efi/EFI/VENDOR/shimx64.efi /boot/efi/EFI/BOOT/BOOTX64.EFI',
    'cp /boot/efi/EFI/VENDOR/{grubx64.efi,grub.cfg} /boot/efi/EFI/BOOT/',
  ],
  references: [
    'https://learn.microsoft.com/azure/virtual-machines/linux/create-upload-ubuntu',
    'https://learn.microsoft.com/troubleshoot/azure/virtual-machines/linux/azure-linux-vm-uefi-boot-failures',
    'https://github.com/rhboot/shim/blob/main/README.fallback',
  ],
  covers: ['uefi-fallback-loader'],
  lisa: [],
  needs: ['esp'],
  appliesTo: { generations: [2] },
  facts: { bootGeneration, uefiLoaders, architecture },
  check({ bootGeneration: boot, uefiLoaders: found, architecture: processor }, intent) {
    const other = notForGeneration(2, intent, boot);
    if (other !== undefined) return notApplicable(other);
    const { partition, elsewhere, fallback } = found;
    if (partition === undefined) return notApplicable(elsewhere ?? 'no EFI system partition is part of the target');
    const wanted = processor === 'aarch64' ? arm : x86;
    const loader = fallback.find(({ name }) => name === wanted.name);
    const path = `${partition}/EFI/BOOT/${wanted.name.toUpperCase()}`;
    if (!loader) return judge([finding(`${path} is missing`, { path }, { subject: 'loader' })]);
    const place = { path: loader.path };
    if (loader.machine !== wanted.machine) {
      const processors = `is built for ${processorName(loader.machine)}, and the image for ${processorName(wanted.machine)}`;
      const what = loader.machine === undefined ? 'is no UEFI program' : processors;
      return judge([finding(`${loader.path} ${what}`, place, { subject: 'loader' })]);
    }
    if (loader.kind === 'shim' && !hasSecondStage(found, wanted.suffix)) {
      const others = fallback.filter(({ name }) => name !== wanted.name && !/^(?:mm|fb)/.test(name));
      const names = others.map(({ name }) => name).join(', ');
      if (others.length === 0)
        return judge([
          finding(`shim has nothing beside it to start, as grub${wanted.suffix}.efi`, place, { subject: 'stage' }),
        ]);
      const message = `shim looks for grub${wanted.suffix}.efi beside it, and finds only ${names}`;
      return judge([finding(message, place, { severity: 'warning', subject: 'stage' })]);
    }
    if (reachesConfiguration(found, loader)) return judge([], [place]);
    const message = 'no grub.cfg is on the EFI system partition, and no entries of systemd-boot';
    return judge([finding(message, place, { severity: 'warning', subject: 'configuration' })]);
  },
});
