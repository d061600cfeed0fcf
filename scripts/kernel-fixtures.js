// Writes fixtures/roots/mixins/kernel-*.yaml: module trees, build options and initramfs of the kernels of the base trees.
// An initramfs has to be a real archive, which nobody writes by hand.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { crc32, gzipSync } from 'node:zlib';

const folder = fileURLToPath(new URL('../fixtures/roots/mixins/', import.meta.url));

/** Drivers that matter in Azure: path below kernel/, build option, and the modules that it needs. */
const drivers = {
  hv_vmbus: ['drivers/hv/hv_vmbus', 'HYPERV'],
  hv_utils: ['drivers/hv/hv_utils', 'HYPERV_UTILS', 'hv_vmbus'],
  hv_balloon: ['drivers/hv/hv_balloon', 'HYPERV_BALLOON', 'hv_vmbus'],
  scsi_transport_fc: ['drivers/scsi/scsi_transport_fc', 'SCSI_FC_ATTRS'],
  hv_storvsc: ['drivers/scsi/hv_storvsc', 'HYPERV_STORAGE', 'scsi_transport_fc', 'hv_vmbus'],
  hv_netvsc: ['drivers/net/hyperv/hv_netvsc', 'HYPERV_NET', 'hv_vmbus'],
  hyperv_keyboard: ['drivers/input/serio/hyperv-keyboard', 'HYPERV_KEYBOARD', 'hv_vmbus'],
  hid_hyperv: ['drivers/hid/hid-hyperv', 'HID_HYPERV_MOUSE', 'hv_vmbus'],
  hyperv_fb: ['drivers/video/fbdev/hyperv_fb', 'FB_HYPERV', 'hv_vmbus'],
  hyperv_drm: ['drivers/gpu/drm/hyperv/hyperv_drm', 'DRM_HYPERV', 'hv_vmbus'],
  pci_hyperv: ['drivers/pci/controller/pci-hyperv', 'PCI_HYPERV', 'hv_vmbus'],
  nvme_core: ['drivers/nvme/host/nvme-core', 'NVME_CORE'],
  nvme: ['drivers/nvme/host/nvme', 'BLK_DEV_NVME', 'nvme_core'],
  cdrom: ['drivers/cdrom/cdrom', 'CDROM'],
  sr_mod: ['drivers/scsi/sr_mod', 'BLK_DEV_SR', 'cdrom'],
  isofs: ['fs/isofs/isofs', 'ISO9660_FS', 'cdrom'],
  udf: ['fs/udf/udf', 'UDF_FS', 'cdrom'],
  libata: ['drivers/ata/libata', 'ATA'],
  ata_piix: ['drivers/ata/ata_piix', 'ATA_PIIX', 'libata'],
  ext4: ['fs/ext4/ext4', 'EXT4_FS'],
  xfs: ['fs/xfs/xfs', 'XFS_FS'],
  fat: ['fs/fat/fat', 'FAT_FS'],
  vfat: ['fs/fat/vfat', 'VFAT_FS', 'fat'],
  nls_cp437: ['fs/nls/nls_cp437', 'NLS_CODEPAGE_437'],
  nls_ascii: ['fs/nls/nls_ascii', 'NLS_ASCII'],
  nls_iso8859_1: ['fs/nls/nls_iso8859-1', 'NLS_ISO8859_1'],
  mlx4_core: ['drivers/net/ethernet/mellanox/mlx4/mlx4_core', 'MLX4_CORE'],
  mlx4_en: ['drivers/net/ethernet/mellanox/mlx4/mlx4_en', 'MLX4_EN', 'mlx4_core'],
  mlx5_core: ['drivers/net/ethernet/mellanox/mlx5/core/mlx5_core', 'MLX5_CORE'],
  mana: ['drivers/net/ethernet/microsoft/mana/mana', 'MICROSOFT_MANA'],
  mana_ib: ['drivers/infiniband/hw/mana/mana_ib', 'MANA_INFINIBAND', 'mana'],
  cifs: ['fs/smb/client/cifs', 'CIFS'],
  nfsv4: ['fs/nfs/nfsv4', 'NFS_V4'],
  ptp: ['drivers/ptp/ptp', 'PTP_1588_CLOCK'],
  floppy: ['drivers/block/floppy', 'BLK_DEV_FD'],
};

const plain =
  'SERIAL_8250 SERIAL_8250_CONSOLE MAGIC_SYSRQ_SERIAL WATCHDOG CRASH_DUMP PROC_VMCORE KEXEC HIBERNATION SWIOTLB KPROBE_EVENTS MLX5_CORE_EN';
const modular =
  'hv_utils hv_balloon scsi_transport_fc hv_storvsc hv_netvsc hv_vmbus hyperv_keyboard hid_hyperv pci_hyperv nvme_core nvme ' +
  'cdrom sr_mod isofs udf libata ata_piix ext4 xfs fat vfat mlx4_core mlx4_en mlx5_core cifs nfsv4';
const early = 'hv_vmbus scsi_transport_fc hv_storvsc hv_netvsc hyperv_keyboard pci_hyperv nvme_core nvme';

/** One kernel a file. `packed`: modules in the initramfs. `config`: where the build options lie. */
const kernels = {
  'centos-7': {
    release: '3.10.0-1160.119.1.el7.x86_64',
    modules: `${modular} hyperv_fb floppy ptp`,
    builtin: 'nls_cp437 nls_ascii',
    ending: 'ko.xz',
    config: '/boot',
    initramfs: '/boot/initramfs-RELEASE.img',
    compression: 'gzip',
    packed: early,
  },
  'rhel-8': {
    release: '4.18.0-553.16.1.el8_10.x86_64',
    modules: `${modular} hyperv_fb floppy mana`,
    builtin: 'nls_cp437 nls_ascii ptp',
    ending: 'ko.xz',
    config: '/boot',
    initramfs: '/boot/initramfs-RELEASE.img',
    compression: 'gzip',
    packed: early,
  },
  'rhel-9': {
    release: '5.14.0-570.12.1.el9_6.x86_64',
    modules: `${modular} hyperv_drm floppy mana mana_ib`,
    builtin: 'nls_cp437 nls_ascii ptp',
    ending: 'ko.xz',
    config: '/boot',
    initramfs: '/boot/initramfs-RELEASE.img',
    compression: 'zstd',
    packed: early,
  },
  'almalinux-9': {
    release: '5.14.0-503.15.1.el9_5.x86_64',
    modules: `${modular} hyperv_drm mana mana_ib`,
    builtin: 'nls_cp437 nls_ascii ptp',
    ending: 'ko.xz',
    config: '/boot',
    initramfs: '/boot/initramfs-RELEASE.img',
    compression: 'gzip',
    packed: early,
  },
  'oracle-9': {
    release: '5.15.0-304.171.4.el9uek.x86_64',
    modules: `${modular} hyperv_fb mana`,
    builtin: 'nls_cp437 nls_ascii ptp',
    ending: 'ko.xz',
    config: '/boot',
    initramfs: '/boot/initramfs-RELEASE.img',
    compression: 'gzip',
    packed: early,
  },
  'debian-12': {
    release: '6.1.0-37-cloud-amd64',
    modules: `${modular.replace(' nvme_core nvme', '')} hyperv_fb mana nls_cp437 nls_ascii`,
    builtin: 'nvme_core nvme ptp',
    ending: 'ko',
    config: '/boot',
    initramfs: '/boot/initrd.img-RELEASE',
    compression: 'gzip',
    packed: early.replace(' nvme_core nvme', ''),
  },
  'sles-15': {
    release: '6.4.0-150600.8.5-azure',
    modules: `${modular} hyperv_drm mana mana_ib nls_cp437 nls_iso8859_1`,
    builtin: 'ptp',
    ending: 'ko.zst',
    config: '/boot',
    initramfs: '/boot/initrd-RELEASE',
    compression: 'zstd',
    packed: early,
  },
  'opensuse-leap-15': {
    release: '6.4.0-150600.23.25-default',
    modules: `${modular} hyperv_drm mana mana_ib nls_cp437 nls_iso8859_1`,
    builtin: 'ptp',
    ending: 'ko.zst',
    config: '/boot',
    initramfs: '/boot/initrd-RELEASE',
    compression: 'zstd',
    packed: early,
  },
  'ubuntu-22.04': {
    release: '6.8.0-1030-azure',
    modules: 'hid_hyperv hyperv_drm udf isofs mlx4_core mlx4_en mlx5_core mana mana_ib cifs nfsv4 nls_iso8859_1',
    builtin:
      'hv_vmbus hv_utils hv_balloon scsi_transport_fc hv_storvsc hv_netvsc hyperv_keyboard pci_hyperv nvme_core nvme cdrom sr_mod libata ata_piix ext4 fat vfat nls_cp437 ptp',
    ending: 'ko',
    config: '/boot',
    initramfs: '/boot/initrd.img-RELEASE',
    compression: 'zstd',
    packed: 'mlx5_core',
  },
  'azurelinux-3': {
    release: '6.6.64.2-9.azl3',
    modules: 'hid_hyperv hyperv_fb mlx4_core mlx4_en mlx5_core mana cifs nfsv4',
    builtin:
      'hv_vmbus hv_utils hv_balloon scsi_transport_fc hv_storvsc hv_netvsc hyperv_keyboard pci_hyperv nvme_core nvme cdrom sr_mod isofs udf libata ata_piix ext4 fat vfat nls_cp437 nls_ascii ptp',
    ending: 'ko',
    config: '/boot',
    initramfs: '/boot/initramfs-RELEASE.img',
    compression: 'gzip',
    packed: 'mlx5_core',
  },
  flatcar: {
    release: '6.6.95-flatcar',
    modules: `${modular} hyperv_fb mana nls_cp437 nls_ascii`,
    builtin: 'ptp',
    ending: 'ko.xz',
    config: '/usr/boot',
    compression: 'none',
    packed: '',
  },
};
kernels['ubuntu-24.04'] = { ...kernels['ubuntu-22.04'], release: '6.11.0-1018-azure', ending: 'ko.zst' };

function words(text) {
  return text.split(' ').filter((word) => word !== '');
}

/** A newc archive: only what this project reads is filled in. */
function cpio(files) {
  const parts = [];
  const add = (path, mode, content) => {
    const name = Buffer.from(`${path}\0`);
    const fields = [parts.length + 1, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length, 0];
    const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`;
    for (const part of [Buffer.concat([Buffer.from(header), name]), content])
      parts.push(part, Buffer.alloc((4 - (part.length % 4)) % 4));
  };
  for (const [path, content] of files) add(path, 0o100644, Buffer.from(content));
  add('TRAILER!!!', 0, Buffer.alloc(0));
  return Buffer.concat(parts);
}

/** A zstd frame of one stored block: no encoder is at hand, and the format allows it. */
function zstd(content) {
  const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0]);
  header.writeUInt32LE(content.length, 5);
  const block = Buffer.alloc(3);
  block.writeUIntLE((content.length << 3) | 1, 0, 3);
  return Buffer.concat([header, block, content]);
}

function gzip(content) {
  const bytes = gzipSync(content, { level: 9 });
  // The name of the system that packed it would differ between machines.
  bytes[9] = 0xff;
  if (bytes.readUInt32LE(bytes.length - 8) !== crc32(content)) throw new Error('not the gzip that was expected');
  return bytes;
}

function mixin(name, { release, modules, builtin, ending, config, initramfs, compression, packed }) {
  const tree = `/usr/lib/modules/${release}`;
  const path = (driver) => `kernel/${drivers[driver][0]}.${ending}`;
  const isLoadable = (driver) => words(modules).includes(driver);
  const dep = words(modules).map((driver) => {
    const needs = drivers[driver].slice(2).filter(isLoadable).map(path);
    return `${path(driver)}:${needs.map((each) => ` ${each}`).join('')}`;
  });
  const options = [
    ...words(plain).map((option) => `CONFIG_${option}=y`),
    ...words(builtin).map((driver) => `CONFIG_${drivers[driver][1]}=y`),
    ...words(modules).map((driver) => `CONFIG_${drivers[driver][1]}=m`),
    'CONFIG_FAT_DEFAULT_CODEPAGE=437',
    `CONFIG_FAT_DEFAULT_IOCHARSET="${/iso8859/.test(modules) ? 'iso8859-1' : 'ascii'}"`,
  ];
  const block = (lines) => `|\n${lines.map((line) => `    ${line}\n`).join('')}`;
  const lines = [
    '# Written by scripts/kernel-fixtures.js.',
    `description: Kernel ${release} with its modules, build options and initramfs`,
    'files:',
    `  ${tree}/modules.builtin: ${block(words(builtin).map((driver) => `kernel/${drivers[driver][0]}.ko`))}`.trimEnd(),
    `  ${tree}/modules.dep: ${block(dep)}`.trimEnd(),
    ...words(modules).map((driver) => `  ${tree}/${path(driver)}: ""`),
    `  ${config}/config-${release}: ${block(options)}`.trimEnd(),
  ];
  if (initramfs !== undefined) {
    const archive = cpio([
      ...words(packed).map((driver) => [`usr/lib/modules/${release}/${path(driver)}`, '']),
      [
        `usr/lib/modules/${release}/modules.dep`,
        dep.filter((line) => words(packed).some((driver) => line.startsWith(`${path(driver)}:`))).join('\n'),
      ],
    ]);
    const bytes = compression === 'gzip' ? gzip(archive) : zstd(archive);
    lines.push(`  ${initramfs.replace('RELEASE', release)}: { base64: ${bytes.toString('base64')} }`);
  }
  writeFileSync(`${folder}kernel-${name}.yaml`, `${lines.join('\n')}\n`);
}

for (const [name, kernel] of Object.entries(kernels)) mixin(name, kernel);
