import type { BlockDevice } from '../block-device.ts';
import { DiskError } from '../disk-error.ts';

interface Foreign {
  readonly name: string;
  /** Bytes from the start of the file; from its end when negative. */
  readonly offset: number;
  readonly magic: readonly number[];
  readonly advice: string;
}

const text = (characters: string): number[] => Array.from(characters, (character) => character.charCodeAt(0));

const convert = (format: string) =>
  `convert it: qemu-img convert -f ${format} -O vpc -o subformat=fixed,force_size=on FILE disk.vhd`;

/** What people hand over in the place of a disk, each with the command that makes one of it. */
const known: readonly Foreign[] = [
  { name: 'compressed by gzip', offset: 0, magic: [0x1f, 0x8b, 8], advice: 'unpack it: gzip --decompress --keep FILE' },
  {
    name: 'compressed by xz',
    offset: 0,
    magic: [0xfd, ...text('7zXZ'), 0],
    advice: 'unpack it: xz --decompress --keep FILE',
  },
  {
    name: 'compressed by Zstandard',
    offset: 0,
    magic: [0x28, 0xb5, 0x2f, 0xfd],
    advice: 'unpack it: zstd --decompress FILE',
  },
  { name: 'compressed by bzip2', offset: 0, magic: text('BZh'), advice: 'unpack it: bzip2 --decompress --keep FILE' },
  { name: 'compressed by lz4', offset: 0, magic: [0x04, 0x22, 0x4d, 0x18], advice: 'unpack it: lz4 --decompress FILE' },
  { name: 'compressed by lzip', offset: 0, magic: text('LZIP'), advice: 'unpack it: lzip --decompress --keep FILE' },
  { name: 'a zip archive', offset: 0, magic: [...text('PK'), 3, 4], advice: 'unpack it: unzip FILE' },
  {
    name: 'a 7-Zip archive',
    offset: 0,
    magic: [...text('7z'), 0xbc, 0xaf, 0x27, 0x1c],
    advice: 'unpack it: 7z x FILE',
  },
  { name: 'a RAR archive', offset: 0, magic: [...text('Rar!'), 0x1a, 7], advice: 'unpack it: unrar x FILE' },
  { name: 'a VMDK of VMware', offset: 0, magic: text('KDMV'), advice: convert('vmdk') },
  { name: 'a VMDK of VMware ESX', offset: 0, magic: text('COWD'), advice: convert('vmdk') },
  {
    name: 'the descriptor of a VMDK of VMware, which names the files of the disk',
    offset: 0,
    magic: text('# Disk DescriptorFile'),
    advice: convert('vmdk'),
  },
  { name: 'a VDI of VirtualBox', offset: 0x40, magic: [0x7f, 0x10, 0xda, 0xbe], advice: convert('vdi') },
  { name: 'a QED of QEMU', offset: 0, magic: [...text('QED'), 0], advice: convert('qed') },
  { name: 'an HDD of Parallels', offset: 0, magic: text('WithoutFreeSpace'), advice: convert('parallels') },
  { name: 'an HDD of Parallels', offset: 0, magic: text('WithouFreSpacExt'), advice: convert('parallels') },
  { name: 'a DMG of macOS', offset: -512, magic: text('koly'), advice: convert('dmg') },
  {
    name: 'an ISO 9660 image, as of a DVD',
    offset: 0x8001,
    magic: text('CD001'),
    advice: 'install from it into a disk, and check that disk',
  },
  { name: 'a WIM of Windows', offset: 0, magic: [...text('MSWIM'), 0, 0, 0], advice: 'only Linux disks are checked' },
  {
    name: 'an Android sparse image',
    offset: 0,
    magic: [0x3a, 0xff, 0x26, 0xed],
    advice: 'expand it: simg2img FILE disk.raw',
  },
];

/** @throws {DiskError} when the file is of a kind that is known and is no disk that this program reads */
export function refuseForeign(file: BlockDevice): void {
  const found = known.find(({ offset, magic }) => {
    const start = offset < 0 ? file.size + offset : offset;
    if (start < 0 || start + magic.length > file.size) return false;
    const bytes = file.read(start, magic.length);
    return magic.every((byte, index) => byte === bytes[index]);
  });
  if (!found) return;
  throw new DiskError(
    'unsupported',
    'file',
    `is ${found.name}, not a disk image that can be uploaded or read here`,
    undefined,
    found.advice,
  );
}
