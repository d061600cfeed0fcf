/**
 * Names of GPT type GUIDs that Linux and Azure images have: the UEFI specification, the Discoverable Partitions
 * Specification for x86-64 and ARM64, and the disk layout of Flatcar (CoreOS before it).
 */
const gptTypes: Readonly<Record<string, string>> = {
  'c12a7328-f81f-11d2-ba4b-00a0c93ec93b': 'EFI system partition',
  '21686148-6449-6e6f-744e-656564454649': 'BIOS boot partition',
  '9e1a2d38-c612-4316-aa26-8b49521e5a8b': 'PowerPC PReP boot',
  '024dee41-33e7-11d3-9d69-0008c781f39f': 'MBR partition scheme',
  'bc13c2ff-59e6-4262-a352-b275fd6f7172': 'Linux extended boot (XBOOTLDR)',
  '0fc63daf-8483-4772-8e79-3d69d8477de4': 'Linux filesystem',
  '0657fd6d-a4ab-43c4-84e5-0933c84b4f4f': 'Linux swap',
  'e6d6d379-f507-44c2-a23c-238f2a3df928': 'Linux LVM',
  'a19d880f-05fc-4d3b-a006-743f0f84911e': 'Linux RAID',
  'ca7d7ccb-63ed-4c53-861c-1742536059cc': 'Linux LUKS',
  '7ffec5c9-2d00-49b7-8941-3ea10a5586b7': 'Linux plain dm-crypt',
  '8da63339-0007-60c0-c436-083ac8230908': 'Linux reserved',
  '4f68bce3-e8cd-4db1-96e7-fbcaf984b709': 'Linux root (x86-64)',
  'b921b045-1df0-41c3-af44-4c6f280d3fae': 'Linux root (ARM64)',
  '44479540-f297-41b2-9af7-d131d5f0458a': 'Linux root (x86)',
  '69dad710-2ce4-4e3c-b16c-21a1d49abed3': 'Linux root (ARM)',
  '2c7357ed-ebd2-46d9-aec1-23d437ec2bf5': 'Linux root verity (x86-64)',
  'df3300ce-d69f-4c92-978c-9bfb0f38d820': 'Linux root verity (ARM64)',
  '41092b05-9fc8-4523-994f-2def0408b176': 'Linux root verity signature (x86-64)',
  '6db69de6-29f4-4758-a7a5-962190f00ce3': 'Linux root verity signature (ARM64)',
  '8484680c-9521-48c6-9c11-b0720656f69e': 'Linux /usr (x86-64)',
  'b0e01050-ee5f-4390-949a-9101b17104e9': 'Linux /usr (ARM64)',
  '77ff5f63-e7b6-4633-acf4-1565b864c0e6': 'Linux /usr verity (x86-64)',
  '6e11a4e7-fbca-4ded-b9e9-e1a512bb664e': 'Linux /usr verity (ARM64)',
  'e7bb33fb-06cf-4e81-8273-e543b413e2e2': 'Linux /usr verity signature (x86-64)',
  'c23ce4ff-44bd-4b00-b2d4-b41b3419e02a': 'Linux /usr verity signature (ARM64)',
  '933ac7e1-2eb4-4f13-b844-0e14e2aef915': 'Linux /home',
  '3b8f8425-20e0-4f3b-907f-1a25a76f98e8': 'Linux /srv',
  '4d21b016-b534-45c2-a9fb-5c16e091fd2d': 'Linux /var',
  '7ec6f557-3bc5-4aca-b293-16ef5df639d1': 'Linux /var/tmp',
  '773f91ef-66d4-49b5-bd83-d683bf40ad16': 'Linux home of one user',
  'e3c9e316-0b5c-4db8-817d-f92df00215ae': 'Microsoft reserved',
  'ebd0a0a2-b9e5-4433-87c0-68b6b72699c7': 'Microsoft basic data',
  'de94bba4-06d1-4d40-a16a-bfd50179d6ac': 'Windows recovery environment',
  '5dfbf5f4-2848-4bac-aa5e-0d9a20b745a6': 'Flatcar /usr',
  '3884dd41-8582-4404-b9a8-e9b84f2df50e': 'Flatcar root, grown at first boot',
  'c95dc21a-df0e-4340-8d7b-26cbfa9a03e0': 'Flatcar reserved',
  'be9067b9-ea49-4f15-b4f6-f36f8c9e1818': 'Flatcar root on RAID',
};

/** Names of MBR type bytes that a Linux disk may have. */
const mbrTypes: Readonly<Record<number, string>> = {
  1: 'FAT12',
  4: 'FAT16 below 32 MiB',
  5: 'extended',
  6: 'FAT16',
  7: 'NTFS or exFAT',
  11: 'FAT32',
  12: 'FAT32 (LBA)',
  14: 'FAT16 (LBA)',
  15: 'extended (LBA)',
  17: 'hidden FAT12',
  20: 'hidden FAT16 below 32 MiB',
  22: 'hidden FAT16',
  23: 'hidden NTFS',
  27: 'hidden FAT32',
  28: 'hidden FAT32 (LBA)',
  30: 'hidden FAT16 (LBA)',
  39: 'Windows recovery environment',
  65: 'PowerPC PReP boot',
  130: 'Linux swap',
  131: 'Linux filesystem',
  133: 'Linux extended',
  142: 'Linux LVM',
  165: 'FreeBSD',
  166: 'OpenBSD',
  169: 'NetBSD',
  191: 'Solaris',
  234: 'Linux extended boot (XBOOTLDR)',
  238: 'GPT protective',
  239: 'EFI system partition',
  251: 'VMware VMFS',
  253: 'Linux RAID',
};

/** GPT type in words; the GUID itself when it is not a known one. */
export function gptTypeName(guid: string): string {
  return gptTypes[guid] ?? guid;
}

/** MBR type byte as partitions give it: `0x83`. */
export function mbrType(byte: number): string {
  return `0x${byte.toString(16).padStart(2, '0')}`;
}

/** MBR type in words; the byte itself when it is not a known one. */
export function mbrTypeName(byte: number): string {
  return mbrTypes[byte] ?? mbrType(byte);
}
